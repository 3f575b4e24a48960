/**
 * What a command, a completion and a hand-over between threads cost, measured with JMH beside
 * plainer ways of doing the same. Compiled with the tests, and run by hand from the top of the
 * tree:
 *
 * <pre>
 *   mvn -Pjmh -pl queues -am test -DskipTests                                   # all
 *   mvn -Pjmh -pl queues -am test -DskipTests -Djmh.args="Submission -f 3 -i 10"  # some, longer
 * </pre>
 */
package sluice.queues.bench;

/**
 * What must never be seen between two threads, as jcstress tests: small programs that are run many
 * millions of times under every mix of the JVM's compilers, each run's outcome counted. {@code
 * sluice.queues.StressTest} runs them all within the ordinary tests, for a bounded time. For
 * longer, from the top of the tree:
 *
 * <pre>
 *   mvn -pl queues -am test -Dtest=StressTest -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.stress.seconds=600
 * </pre>
 */
package sluice.queues.stress;

/**
 * Things that move: an {@link sluice.support.agent.Agent} does a little work each time it is asked
 * and says how much; an {@link sluice.support.agent.IdleStrategy} decides what to do when that was
 * nothing; an {@link sluice.support.agent.AgentRunner} gives an agent a thread. A test calls {@code
 * doWork} itself, step by step.
 */
package sluice.support.agent;

/**
 * Things that move: an {@link sluice.nvme.agent.Agent} does a little work each time it is asked and
 * says how much; an {@link sluice.nvme.agent.IdleStrategy} decides what to do when that was
 * nothing; an {@link sluice.nvme.agent.AgentRunner} gives an agent a thread. Several agents share
 * one thread as a {@link sluice.nvme.agent.CompositeAgent}, and a test calls {@code doWork} itself,
 * step by step.
 */
package sluice.nvme.agent;

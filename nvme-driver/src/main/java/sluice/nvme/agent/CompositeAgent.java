package sluice.nvme.agent;

/** Several agents that share one thread, each asked once a turn, in order. */
public final class CompositeAgent implements Agent {
  private final Agent[] agents;

  public CompositeAgent(Agent... agents) {
    this.agents = agents.clone();
  }

  @Override
  public int doWork() {
    int work = 0;
    for (Agent agent : agents) {
      work += agent.doWork();
    }
    return work;
  }

  @Override
  public String name() {
    StringBuilder name = new StringBuilder();
    for (Agent agent : agents) {
      name.append(name.isEmpty() ? "" : "+").append(agent.name());
    }
    return name.toString();
  }

  /** Closes all, also when one of them fails. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (Agent agent : agents) {
      try {
        agent.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}

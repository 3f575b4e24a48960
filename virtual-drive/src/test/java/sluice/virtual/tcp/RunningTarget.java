package sluice.virtual.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;
import sluice.support.agent.IdleStrategy;

/** A target with a thread of its own, at a port that was free. */
final class RunningTarget implements AutoCloseable {
  static final String NQN = "nqn.2026-11.org.sluice.test:";

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final Target target;
  private final AgentRunner runner;
  private volatile long threadId;

  private RunningTarget(UnaryOperator<TargetOptions> options, String... drives) {
    TargetOptions wanted =
        options.apply(
            TargetOptions.defaults()
                .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    List<DriveAddress> addresses = Arrays.stream(drives).map(DriveAddress::parse).toList();
    target = Target.open(wanted, addresses, System::nanoTime, log::add);
    IdleStrategy idle = target.idle();
    runner =
        AgentRunner.start(
            target,
            work -> {
              threadId = Thread.currentThread().threadId();
              idle.idle(work);
            });
  }

  /**
   * @param drives as {@code memory?size=64M}; the first is called {@code NQN} and a, the next b
   */
  static RunningTarget of(String... drives) {
    return of(options -> options, drives);
  }

  static RunningTarget of(UnaryOperator<TargetOptions> options, String... drives) {
    String[] named = new String[drives.length];
    for (int i = 0; i < drives.length; i++) {
      char name = (char) ('a' + i);
      named[i] = "virtual:" + drives[i] + "&nqn=" + NQN + name;
    }
    return new RunningTarget(options, named);
  }

  /** Shares a drive that has another way to it. */
  static RunningTarget ofAddress(String address) {
    return new RunningTarget(options -> options, address);
  }

  int port() {
    return target.address().getPort();
  }

  /** The address of the drive of a letter. */
  String address(String name) {
    return "tcp://127.0.0.1:" + port() + "/" + NQN + name;
  }

  List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  /** Of the thread that it works on; 0 before its first turn. */
  long threadId() {
    return threadId;
  }

  /** Why its thread has ended; null while it runs. */
  Throwable failure() {
    return runner.failure();
  }

  @Override
  public void close() {
    runner.close();
  }
}

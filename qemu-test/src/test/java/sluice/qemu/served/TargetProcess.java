package sluice.qemu.served;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;
import sluice.virtual.tcp.Target;
import sluice.virtual.tcp.TargetOptions;

/** Virtual drives that another process shares by NVMe over TCP, on this machine alone. */
public final class TargetProcess implements AutoCloseable {
  /** A port that is free. */
  public static final int ANY_PORT = 0;

  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final String READY = "listens at port ";

  private final Path log = Files.createTempFile("sluice-target-", ".log");
  private final ChildJvm process;
  private int port;

  private TargetProcess(int port, List<String> drives) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(port)));
    arguments.addAll(drives);
    process = new ChildJvm(Main.class, log, arguments);
  }

  /**
   * Starts the process, and waits until it listens.
   *
   * @param port where, or {@link #ANY_PORT}
   * @param drives addresses of virtual drives
   * @throws IllegalStateException if it does not in time; with all that it wrote
   */
  public static TargetProcess start(int port, List<String> drives) throws IOException {
    TargetProcess target = new TargetProcess(port, drives);
    boolean isReady = false;
    try {
      String line = target.process.awaitLine(READY, START_DEADLINE);
      target.port = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
      isReady = true;
      return target;
    } finally {
      if (!isReady) {
        target.close();
      }
    }
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What the process has written: a line for each host that came or went, and its last words. */
  public String output() {
    return process.output();
  }

  /** Kills the process. */
  @Override
  public void close() {
    process.close();
    try {
      Files.delete(log);
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete " + log, e);
    }
  }

  /** What the process runs: {@code PORT ADDRESS …}. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      int port = Integer.parseInt(arguments[0]);
      List<DriveAddress> drives = new ArrayList<>();
      for (int i = 1; i < arguments.length; i++) {
        drives.add(DriveAddress.parse(arguments[i]));
      }
      TargetOptions options =
          TargetOptions.defaults()
              .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Target target = Target.open(options, drives, System::nanoTime, System.out::println);
      AgentRunner runner = AgentRunner.start(target, target.idle());
      System.out.println(READY + target.address().getPort());
      ChildJvm.awaitParentsEnd();
      runner.close();
    }
  }
}

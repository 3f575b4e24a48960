package sluice.qemu.served;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;
import sluice.virtual.vfiouser.DriveServer;

/** Virtual drives that another process serves by vfio-user, each at a socket of its own. */
public final class ServedDrives implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final String READY = "all drives are served";

  private final Path directory = Files.createTempDirectory("sluice-served-");
  private final ChildJvm process;

  private ServedDrives(Map<String, String> drives) throws IOException {
    List<String> arguments = new ArrayList<>();
    drives.forEach((name, address) -> arguments.addAll(List.of(socket(name).toString(), address)));
    process = new ChildJvm(Server.class, directory.resolve("server.log"), arguments);
  }

  /**
   * Starts the process, and waits until it serves.
   *
   * @param drives their addresses by the names that this knows them by
   * @throws IllegalStateException if it does not in time; with all that it wrote
   */
  public static ServedDrives start(Map<String, String> drives) throws IOException {
    ServedDrives served = new ServedDrives(new LinkedHashMap<>(drives));
    boolean isReady = false;
    try {
      String _ = served.process.awaitLine(READY, START_DEADLINE);
      isReady = true;
      return served;
    } finally {
      if (!isReady) {
        served.close();
      }
    }
  }

  /** Where a drive is served. */
  public Path socket(String name) {
    return directory.resolve(name);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What the process has written. */
  String output() {
    return process.output();
  }

  /** Kills the process. */
  @Override
  public void close() {
    process.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot delete " + directory, e);
    }
  }

  /** What the process runs: {@code SOCKET ADDRESS …}. */
  static final class Server {
    private Server() {}

    public static void main(String[] arguments) {
      List<AgentRunner> runners = new ArrayList<>();
      for (int i = 0; i < arguments.length; i += 2) {
        DriveServer server =
            DriveServer.open(
                Path.of(arguments[i]),
                DriveAddress.parse(arguments[i + 1]),
                System::nanoTime,
                System.out::println);
        runners.add(AgentRunner.start(server, server.idle()));
      }
      System.out.println(READY);
      ChildJvm.awaitParentsEnd();
      runners.forEach(AgentRunner::close);
    }
  }
}

package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.support.linux.LocalSocket;

/** The socket's file, when several servers start in the same instant. */
class SocketFileTest {
  private static final int ROUNDS = 20;
  private static final int STARTS = 4;

  @TempDir Path folder;

  @Test
  void ofManyWhoStartAtOnePathExactlyOneListens() throws Exception {
    Path path = folder.resolve("s");
    try (ExecutorService threads = Executors.newFixedThreadPool(STARTS)) {
      for (int round = 0; round < ROUNDS; round++) {
        // What a server that was killed leaves behind: a file at which nobody listens.
        LocalSocket.listen(path).close();
        Callable<SocketFile> start = () -> listen(path);
        List<SocketFile> listening = new ArrayList<>();
        for (Future<SocketFile> started : threads.invokeAll(Collections.nCopies(STARTS, start))) {
          if (started.get() != null) {
            listening.add(started.get());
          }
        }
        assertThat(listening).as("round %d", round).hasSize(1);
        LocalSocket.connect(path).close();
        listening.getFirst().close();
        assertThat(path).doesNotExist();
      }
    }
  }

  private static SocketFile listen(Path path) {
    try {
      return SocketFile.listen(path);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("a server listens there already");
      return null;
    }
  }
}

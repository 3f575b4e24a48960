package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.support.linux.LocalSocket;

class ConnectingTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir private Path dir;

  private void fails(Path path, Duration timeout, String line) {
    assertThatThrownBy(() -> UserFunction.open(path, timeout))
        .isInstanceOf(VfioUserException.class)
        .hasMessage("cannot connect to vfio-user:" + path + line);
  }

  @Test
  void nothingIsThere() {
    fails(
        dir.resolve("a"),
        TIMEOUT,
        ": there is no such socket; start the server, or correct the path");
  }

  @Test
  void aDirectoryWithoutASocket() {
    fails(dir, TIMEOUT, "/cntrl: there is no such socket; start the server, or correct the path");
  }

  @Test
  void nobodyListens() {
    LocalSocket.listen(dir.resolve("a")).close();
    fails(dir.resolve("a"), TIMEOUT, ": nobody listens there; start the server");
  }

  @Test
  void noSocket() throws IOException {
    fails(
        Files.writeString(dir.resolve("a"), "a"),
        TIMEOUT,
        ": nobody listens there; start the server");
  }

  @Test
  void aPathThatIsTooLong() {
    Path path = dir.resolve("a".repeat(108));
    assertThatThrownBy(() -> UserFunction.open(path, TIMEOUT))
        .isInstanceOf(VfioUserException.class)
        .hasMessageStartingWith(
            "cannot connect to vfio-user:" + path + ": a socket's path has 107 bytes at most");
  }

  @Test
  void aServerThatTakesNobodyIn() {
    List<LocalSocket> others = new ArrayList<>();
    try (LocalSocket _ = LocalSocket.listen(dir.resolve("a"))) {
      for (int i = 0; i < 17; i++) {
        others.add(LocalSocket.connect(dir.resolve("a")));
      }
      fails(
          dir.resolve("a"),
          Duration.ofMillis(5),
          ": the server takes nobody in; perhaps it serves others");
    } finally {
      others.forEach(LocalSocket::close);
    }
  }

  @Test
  void findsTheSocketInADirectory() throws Exception {
    try (LocalSocket listening = LocalSocket.listen(dir.resolve("cntrl"))) {
      CompletableFuture<UserFunction> opening =
          CompletableFuture.supplyAsync(() -> UserFunction.open(dir, TIMEOUT));
      assertThat(listening.awaitInput(TIMEOUT.toNanos())).isTrue();
      try (FakeServer server = new FakeServer(listening.accept())) {
        server.start();
        try (UserFunction function = opening.get(60, TimeUnit.SECONDS)) {
          assertThat(function.address()).isEqualTo("vfio-user:" + dir.resolve("cntrl"));
          assertThat(function.bar(0).size()).isEqualTo(FakeServer.BAR_BYTES);
        }
      }
    }
  }
}

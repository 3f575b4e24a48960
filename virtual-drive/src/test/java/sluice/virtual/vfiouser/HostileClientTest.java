package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;

/** Whatever a client does, the next one is served when it is gone, and the server can be ended. */
@Timeout(120)
class HostileClientTest {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(6).toNanos();

  @TempDir Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong passed = new AtomicLong();
  private Path socket;
  private AgentRunner server;

  @BeforeEach
  void serve() {
    socket = folder.resolve("s");
    DriveAddress drive = DriveAddress.parse("virtual:" + folder.resolve("image") + "?size=1M");
    DriveServer made =
        DriveServer.open(socket, drive, () -> System.nanoTime() + passed.get(), log::add);
    server = AgentRunner.start(made, made.idle());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HostileClient client() {
    HostileClient client = HostileClient.connect(socket, tries -> {});
    client.enable();
    return client;
  }

  private long block(int lba) throws IOException {
    byte[] image = Files.readAllBytes(folder.resolve("image"));
    int at = lba * HostileClient.BLOCK;
    return ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
  }

  @ParameterizedTest
  @EnumSource(names = "LEAKS_DESCRIPTORS", mode = EnumSource.Mode.EXCLUDE)
  void theNextOneIsServed(HostileClient.Mischief mischief) {
    try (HostileClient hostile = client()) {
      hostile.write(1, 0x1111);
      hostile.begin(mischief);
      if (mischief.isDropped()) {
        passed.addAndGet(PATIENCE_NANOS);
        hostile.awaitEnd();
      }
    }
    try (HostileClient next = client()) {
      assertThat(next.read(1)).isEqualTo(0x1111);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theServerStopsInGoodOrder(HostileClient.Mischief mischief) throws IOException {
    try (HostileClient hostile = client()) {
      hostile.write(1, 0x1111);
      hostile.begin(mischief);
      server.close();
      hostile.awaitEnd();
    }
    assertThat(block(1)).isEqualTo(0x1111);
    assertThat(Files.exists(socket)).isFalse();
  }

  @Test
  void whoGoesInGoodOrderIsNotToldOfAsAFault() {
    FlippingHost.connect(socket).close();
    while (log.size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(log)
        .containsExactly("a client has connected", "the client is gone: closed by the client");
  }
}

package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.virtual.vfiouser.RawClient.command;
import static sluice.virtual.vfiouser.RawClient.u16;
import static sluice.virtual.vfiouser.RawClient.u32;
import static sluice.virtual.vfiouser.RawClient.u64;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.nvme.spec.AdminOpcode;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/** A client that asks, and does not take the answers: nobody waits for it. */
@Timeout(60)
class UnreadAnswersTest {
  private static final int SIZE = 1 << 20;
  private static final long IOVA = 1 << 20;
  private static final int CONFIG = 7;
  private static final int PAGE = 4096;

  /** More answers of a page than a socket keeps. */
  private static final int ASKED = 200;

  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();
  private final int file = Linux.memfd("test", SIZE, 0);
  private final long memory = Linux.mmap(file, 0, SIZE, true);
  private long now;
  private DriveServer server;
  private RawClient client;

  @BeforeEach
  void open() {
    DriveAddress drive = DriveAddress.parse("virtual:memory?size=1M");
    server = DriveServer.open(folder.resolve("s"), drive, () -> now, log::add);
    client = new RawClient(server);
    client.agree();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    Linux.munmap(memory, SIZE);
    Linux.close(file);
  }

  private void done(String hex, int... fds) {
    assertThat(client.ask(hex, fds)).as(hex).matches(".{16}01000000.*");
  }

  private static String write(int region, long offset, String data) {
    return command(6, 10, u64(offset) + u32(region) + u32(data.length() / 2) + data);
  }

  private void askOften() {
    for (int id = 0; id < ASKED; id++) {
      client.send(command(id, 9, u64(0) + u32(CONFIG) + u32(PAGE)));
    }
  }

  private void turns() {
    for (int i = 0; i < 3000; i++) {
      int _ = server.doWork();
    }
  }

  @Test
  void itsDriveGoesOn() {
    done(command(3, 2, u32(32) + u32(3) + u64(0) + u64(IOVA) + u64(SIZE)), file);
    done(write(CONFIG, 4, "0604"));
    done(write(0, 0x24, "1f001f00"));
    done(write(0, 0x28, u64(IOVA)));
    done(write(0, 0x30, u64(IOVA + PAGE)));
    done(write(0, 0x14, "01004600"));
    assertThat(client.ask(command(5, 9, u64(0x1c) + u32(0) + u32(4)))).endsWith("01000000");
    SubmissionEntry.begin(memory, AdminOpcode.IDENTIFY, 9, 0);
    SubmissionEntry.prps(memory, IOVA + 2 * PAGE, 0);
    SubmissionEntry.cdw(memory, 10, 1);
    client.send(command(7, 5, u32(64) + u32(0) + u32(0) + u32(0) + u64(0) + u64(0)));
    client.pump();
    String _ = client.receive();
    int doorbells = client.takeDescriptor();
    long doorbell = Linux.mmap(doorbells, PAGE, PAGE, true);
    askOften();
    turns();
    OffHeap.putIntRelease(doorbell, 1);
    turns();
    assertThat(CompletionEntry.hasPhaseAcquire(memory + PAGE, 1)).isTrue();
    assertThat(CompletionEntry.status(memory + PAGE)).isZero();
    assertThat(log).containsExactly("a client has connected");
    Linux.munmap(doorbell, PAGE);
    Linux.close(doorbells);
  }

  @Test
  void itGetsThemAllWhenItTakesThem() {
    askOften();
    turns();
    StringBuilder received = new StringBuilder();
    int answer = 2 * (16 + 16 + PAGE);
    while (received.length() < ASKED * answer) {
      received.append(client.receive());
      turns();
    }
    for (int id = 0; id < ASKED; id++) {
      assertThat(received.substring(id * answer)).startsWith(u16(id) + u16(9) + u32(answer / 2));
    }
    assertThat(client.receive()).isEmpty();
    assertThat(log).containsExactly("a client has connected");
  }

  @Test
  void anAnswerIsKeptForItForFiveSeconds() {
    askOften();
    turns();
    now += Duration.ofSeconds(5).toNanos();
    turns();
    assertThat(log).containsExactly("a client has connected");
    now++;
    turns();
    assertThat(log.getLast())
        .isEqualTo("the client is gone: the client has not taken a message for more than 5 s");
  }

  @Test
  void theTimeBeginsAnewWithEachAnswer() {
    askOften();
    turns();
    for (int i = 0; i < 3; i++) {
      now += Duration.ofSeconds(4).toNanos();
      assertThat(client.receive()).isNotEmpty();
      turns();
    }
    assertThat(log).containsExactly("a client has connected");
  }

  @Test
  void theNextOneIsServedAtOnceWhenItIsGone() {
    askOften();
    turns();
    client.close();
    turns();
    assertThat(log).hasSize(2);
    client = new RawClient(server);
    client.agree();
  }
}

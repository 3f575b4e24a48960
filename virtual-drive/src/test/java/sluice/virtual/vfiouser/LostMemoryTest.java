package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.virtual.vfiouser.RawClient.command;
import static sluice.virtual.vfiouser.RawClient.u32;
import static sluice.virtual.vfiouser.RawClient.u64;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/** A client that takes away the memory of its completion queue while commands are out. */
@Timeout(60)
class LostMemoryTest {
  private static final long SIZE = 1 << 20;
  private static final long HERE = 0x10_0000;
  private static final long LOST = 0x30_0000;
  private static final int ADMIN_CQ = 0x1000;
  private static final int SQ = 0x2000;
  private static final int CQ = 0x3000;
  private static final int DATA = 0x4000;
  private static final String READY = "01000000";
  private static final String SHUT_DOWN = "09000000";

  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();
  private final int here = Linux.memfd("here", SIZE, 0);
  private final int lost = Linux.memfd("lost", SIZE, 0);
  private final long at = Linux.mmap(here, 0, SIZE, true);
  private int adminCommands;

  @AfterEach
  void close() {
    Linux.munmap(at, SIZE);
    Linux.close(here);
    Linux.close(lost);
  }

  private static void done(RawClient client, String hex, int... fds) {
    assertThat(client.ask(hex, fds)).as(hex).matches(".{16}01000000.*");
  }

  private static String write(int region, long offset, String data) {
    return command(6, 10, u64(offset) + u32(region) + u32(data.length() / 2) + data);
  }

  private static String csts(RawClient client) {
    return client.ask(command(5, 9, u64(0x1c) + u32(0) + u32(4))).substring(64);
  }

  private static void pump(RawClient client, BooleanSupplier until) {
    while (!until.getAsBoolean()) {
      client.pump();
      LockSupport.parkNanos(1_000_000);
    }
  }

  private RawClient enabled(DriveServer server) {
    RawClient client = new RawClient(server);
    client.agree();
    OffHeap.zero(at, SIZE);
    adminCommands = 0;
    done(client, command(3, 2, u32(32) + u32(3) + u64(0) + u64(HERE) + u64(SIZE)), here);
    done(client, command(3, 2, u32(32) + u32(3) + u64(0) + u64(LOST) + u64(SIZE)), lost);
    done(client, write(7, 4, "0604"));
    done(client, write(0, 0x24, "1f001f00"));
    done(client, write(0, 0x28, u64(HERE)));
    done(client, write(0, 0x30, u64(HERE + ADMIN_CQ)));
    done(client, write(0, 0x14, "01004600"));
    assertThat(csts(client)).isEqualTo(READY);
    return client;
  }

  private int dword3(int queue, int index) {
    return OffHeap.getInt(at + queue + index * 16L + 12);
  }

  private boolean isAnswered(int queue, int index) {
    return dword3(queue, index) != 0;
  }

  private void admin(RawClient client, int opcode, long prp1, int cdw11) {
    int index = adminCommands++;
    long entry = at + index * 64L;
    SubmissionEntry.begin(entry, opcode, index, 0);
    SubmissionEntry.prps(entry, prp1, 0);
    SubmissionEntry.cdw(entry, 10, 1 | 15 << 16);
    SubmissionEntry.cdw(entry, 11, cdw11);
    done(client, write(0, 0x1000, u32(adminCommands)));
    pump(client, () -> isAnswered(ADMIN_CQ, index));
    assertThat(dword3(ADMIN_CQ, index) >>> 17).as("status").isZero();
  }

  private void queue(RawClient client, long completions) {
    admin(client, AdminOpcode.CREATE_IO_COMPLETION_QUEUE, completions, 1);
    admin(client, AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, HERE + SQ, 1 | 1 << 16);
  }

  private void post(int index, int opcode, int fuse) {
    long entry = at + SQ + index * 64L;
    SubmissionEntry.begin(entry, opcode, 100 + index, 1);
    OffHeap.putInt(entry, OffHeap.getInt(entry) | fuse << 8);
    SubmissionEntry.prps(entry, HERE + DATA, 0);
    SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(8, 0));
  }

  @Test
  void leavesNothingThatTheNextOneWouldWaitFor() {
    DriveServer server =
        DriveServer.open(
            folder.resolve("s"),
            DriveAddress.parse("virtual:" + folder.resolve("d.img") + "?size=1M&queues=4"),
            System::nanoTime,
            log::add);
    try (RawClient client = enabled(server)) {
      queue(client, LOST);
      post(0, IoOpcode.COMPARE, 1);
      post(1, IoOpcode.WRITE, 2);
      Linux.truncate(lost, 0);
      client.send(write(0, 0x1008, u32(2)));
      pump(client, () -> log.getLast().contains("took memory away"));
    }
    Linux.truncate(lost, SIZE);
    try (RawClient client = enabled(server)) {
      queue(client, HERE + CQ);
      post(0, IoOpcode.WRITE, 0);
      done(client, write(0, 0x1008, u32(1)));
      pump(client, () -> isAnswered(CQ, 0));
      assertThat(dword3(CQ, 0) >>> 17).as("status of a write of the same blocks").isZero();
      done(client, write(0, 0x14, u32(0x46_4001)));
      pump(client, () -> csts(client).equals(SHUT_DOWN));
    }
    server.close();
  }
}

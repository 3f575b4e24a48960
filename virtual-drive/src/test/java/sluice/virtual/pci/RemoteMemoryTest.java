package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personality;

/** A drive that reaches its host's memory, or some of it, by asking for it. */
class RemoteMemoryTest {
  private static final int TRANSFER_ERROR = StatusCode.DATA_TRANSFER_ERROR.status();

  private final Host host =
      new Host(
          new DriveSettings().shadowDoorbells(true), Personality.PLAIN, new MemoryBackend(1 << 20));
  private final Elsewhere elsewhere = new Elsewhere();

  @BeforeEach
  void connect() {
    host.drive.iommu().remote(elsewhere);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private DmaMemory moveAway(DmaMemory memory, int access) {
    VirtualIommu iommu = host.drive.iommu();
    long size = Math.ceilDiv(memory.size(), 4096) * 4096;
    assertThat(iommu.unmap(memory.iova(), size)).isEqualTo(size);
    iommu.mapRemote(memory.iova(), size, access);
    elsewhere.regions.put(memory.iova(), memory);
    return memory;
  }

  private DmaMemory remote(long size) {
    return moveAway(host.memory(size), VirtualIommu.READ | VirtualIommu.WRITE);
  }

  private Host.Queue createRemoteQueue(int id) {
    Host.Queue queue = host.new Queue(id, 64);
    moveAway(queue.sq, VirtualIommu.READ);
    moveAway(queue.cq, VirtualIommu.WRITE);
    assertThat(host.createCompletion(queue).status()).isZero();
    assertThat(host.createSubmission(queue, id).status()).isZero();
    return queue;
  }

  @Test
  void allOfIt() {
    moveAway(host.admin.sq, VirtualIommu.READ);
    moveAway(host.admin.cq, VirtualIommu.WRITE);
    host.enable();
    DmaMemory page = remote(4096);
    elsewhere.take();
    assertThat(host.admin(AdminOpcode.IDENTIFY, 0, page, IdentifyCns.CONTROLLER).status()).isZero();
    assertThat(elsewhere.take()).containsExactly("read 64", "write 4096", "write 16");
    assertThat(new IdentifyController(page.segment()).sn())
        .isEqualTo(host.drive.identity().serial());
    Host.Queue queue = createRemoteQueue(1);
    DmaMemory data = remote(8192);
    DmaMemory back = remote(8192);
    Host.fill(data, 1);
    elsewhere.take();
    assertThat(host.io(queue, IoOpcode.WRITE, 8, 16, data)).isZero();
    assertThat(elsewhere.take())
        .as("neighbours in one piece")
        .containsExactly("read 64", "read 8192", "write 16");
    assertThat(host.io(queue, IoOpcode.READ, 8, 16, back)).isZero();
    assertThat(elsewhere.take()).containsExactly("read 64", "write 8192", "write 16");
    assertThat(OffHeap.isEqual(data.address(), back.address(), 8192)).isTrue();
    assertThat(host.io(queue, IoOpcode.COMPARE, 8, 16, data)).isZero();
    assertThat(host.io(queue, IoOpcode.COMPARE, 9, 16, data))
        .isEqualTo(StatusCode.COMPARE_FAILURE.statusDnr());
    long range = data.address();
    DatasetManagementRange.attributes(range, 0);
    DatasetManagementRange.length(range, 8);
    DatasetManagementRange.slba(range, 8);
    long entry = queue.begin(IoOpcode.DATASET_MANAGEMENT, 1);
    SubmissionEntry.prps(entry, data.iova(), 0);
    SubmissionEntry.cdw(entry, 11, DatasetManagementRange.DEALLOCATE);
    assertThat(host.finish(queue).status()).isZero();
    assertThat(host.io(queue, IoOpcode.READ, 8, 8, back)).isZero();
    assertThat(OffHeap.getLong(back.address())).isZero();
  }

  @Test
  void aHostThatIsSlowHoldsUpNoOtherCommand() {
    host.enable();
    Host.Queue queue = host.createQueue(1, 64);
    DmaMemory far = remote(8192);
    DmaMemory near = host.memory(8192);
    Host.fill(far, 3);
    elsewhere.isSlow = true;
    int slow = host.post(queue, IoOpcode.WRITE, 1, 0, 16, 0, far);
    queue.ring();
    host.settle();
    assertThat(queue.hasCompletion()).isFalse();
    assertThat(host.io(queue, IoOpcode.WRITE, 64, 16, near)).as("another command").isZero();
    assertThat(host.admin(AdminOpcode.IDENTIFY, 0, near, IdentifyCns.CONTROLLER).status())
        .as("an admin command")
        .isZero();
    elsewhere.answer();
    host.settle();
    Host.Completion late = queue.take();
    assertThat(late.commandId()).isEqualTo(slow);
    assertThat(late.status()).isZero();
    assertThat(host.io(queue, IoOpcode.READ, 0, 16, near)).isZero();
    assertThat(OffHeap.isEqual(far.address(), near.address(), 8192)).isTrue();
  }

  /** At the read-ahead's end, at the ring's end, and where either of their pages is elsewhere. */
  @ParameterizedTest
  @CsvSource({"0, 0, 3", "0, 31, 3", "0, 62, 3", "127, 0, 3", "0, 63, 3", "63, 0, 1", "63, 0, 2"})
  void aFusedPairIsTakenWhenBothHaveCome(int done, int before, int pagesElsewhere) {
    host.enable();
    Host.Queue queue = host.new Queue(1, 128);
    VirtualIommu iommu = host.drive.iommu();
    assertThat(iommu.unmap(queue.sq.iova(), 8192)).isEqualTo(8192);
    for (int page = 0; page < 2; page++) {
      long iova = queue.sq.iova(page * 4096L);
      if ((pagesElsewhere >> page & 1) != 0) {
        iommu.mapRemote(iova, 4096, VirtualIommu.READ);
      } else {
        iommu.map(queue.sq.address() + page * 4096L, iova, 4096, VirtualIommu.READ);
      }
    }
    elsewhere.regions.put(queue.sq.iova(), queue.sq);
    assertThat(host.createCompletion(queue).status()).isZero();
    assertThat(host.createSubmission(queue, 1).status()).isZero();
    for (int i = 0; i < done; i++) {
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
    }
    DmaMemory data = host.memory(4096);
    elsewhere.isSlow = true;
    for (int i = 0; i < before; i++) {
      int _ = host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
    }
    int compare = postFused(queue, IoOpcode.COMPARE, SubmissionEntry.FUSE_FIRST, data);
    int write = postFused(queue, IoOpcode.WRITE, SubmissionEntry.FUSE_SECOND, data);
    int last = host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
    queue.ring();
    List<Integer> answered = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      host.settle();
      elsewhere.answer();
      while (queue.hasCompletion()) {
        Host.Completion completion = queue.take();
        assertThat(completion.status()).as("of command %d", completion.commandId()).isZero();
        answered.add(completion.commandId());
      }
    }
    assertThat(answered).hasSize(before + 3).endsWith(compare, write, last);
  }

  private int postFused(Host.Queue queue, int opcode, int fuse, DmaMemory data) {
    long entry = queue.sq.address() + (long) queue.tail * SubmissionEntry.BYTES;
    int commandId = host.post(queue, opcode, 1, 0, 8, 0, data);
    OffHeap.putInt(entry, OffHeap.getInt(entry) | fuse << 8);
    return commandId;
  }

  @Test
  void anAdminCommandIsTakenWhileMuchDataGoesByMessages() {
    moveAway(host.admin.sq, VirtualIommu.READ);
    host.enable();
    Host.Queue queue = host.createQueue(1, 64);
    DmaMemory data = remote(64 << 10);
    DmaMemory list = host.memory(4096);
    for (int i = 1; i < 16; i++) {
      OffHeap.putLong(list.address() + (i - 1) * 8L, data.iova(i * 4096L));
    }
    for (int i = 0; i < 60; i++) {
      long entry = queue.begin(IoOpcode.READ, 1);
      SubmissionEntry.prps(entry, data.iova(), list.iova());
      SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(128, 0));
    }
    elsewhere.isSlow = true;
    elsewhere.maxTransfer = 4096;
    elsewhere.places = 56;
    queue.ring();
    host.settle();
    assertThat(elsewhere.slow).hasSize(56);
    SubmissionEntry.cdw(
        host.admin.begin(AdminOpcode.GET_FEATURES, 0), 10, Feature.VOLATILE_WRITE_CACHE);
    host.admin.ring();
    host.settle();
    int answered = 0;
    for (; !host.admin.hasCompletion(); answered++) {
      assertThat(answered).as("messages before the command is taken").isLessThan(64);
      elsewhere.answerOne();
      host.settle();
    }
    assertThat(host.admin.take().status()).isZero();
    while (!elsewhere.slow.isEmpty()) {
      elsewhere.answerOne();
      host.settle();
    }
    for (int i = 0; i < 60; i++) {
      assertThat(queue.take().status()).isZero();
    }
  }

  /** Though their answers cannot all go out at once, and whatever the host does meanwhile. */
  @ParameterizedTest
  @ValueSource(ints = {17, 18, 19, 20})
  void aQueueIsDeletedWhenItsCommandsAreAnswered(int before) {
    host.enable();
    Host.Queue queue = createRemoteQueue(1);
    Host.Queue other = host.createQueue(2, 16);
    DmaMemory far = remote(4096);
    DmaMemory near = host.memory(4096);
    for (int i = 0; i < before; i++) {
      int _ = host.post(queue, i == 7 ? IoOpcode.WRITE : IoOpcode.READ, 1, i, 1, 0, far);
    }
    int compare = postFused(queue, IoOpcode.COMPARE, SubmissionEntry.FUSE_FIRST, far);
    int write = postFused(queue, IoOpcode.WRITE, SubmissionEntry.FUSE_SECOND, far);
    queue.ring();
    elsewhere.isSlow = true;
    host.settle();
    elsewhere.answer();
    host.settle();
    elsewhere.placesOfQueues = 3;
    beginDeletion(1);
    assertThat(host.admin.hasCompletion()).as("answers wait").isFalse();
    assertThat(host.io(other, IoOpcode.READ, 0, 8, near)).as("another queue").isZero();
    int gone = StatusCode.INVALID_QUEUE_IDENTIFIER.statusDnr();
    assertThat(host.admin(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, 0, null, 1).status())
        .as("the same again")
        .isEqualTo(gone);
    assertThat(host.createSubmission(queue, 1).status()).as("made again").isEqualTo(gone);
    assertThat(host.admin(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, 0, null, 1).status())
        .as("where the answers go")
        .isEqualTo(StatusCode.INVALID_QUEUE_DELETION.statusDnr());
    Map<Integer, Integer> statuses = new HashMap<>();
    boolean isDeleted = false;
    for (int i = 0; i < 20 && !isDeleted; i++) {
      elsewhere.answer();
      host.settle();
      takeAll(queue, statuses);
      isDeleted = host.admin.hasCompletion();
    }
    assertThat(host.admin.take().status()).isZero();
    elsewhere.answer();
    takeAll(queue, statuses);
    assertThat(statuses).as("all of them").hasSize(before + 2);
    assertThat(statuses.get(write) == 0 && statuses.get(compare) != 0)
        .as("a write of a pair whose comparison failed")
        .isFalse();
    assertThat(host.admin(AdminOpcode.DELETE_IO_COMPLETION_QUEUE, 0, null, 1).status()).isZero();
    assertThat(host.io(other, IoOpcode.READ, 0, 8, near)).isZero();
  }

  private void beginDeletion(int id) {
    SubmissionEntry.cdw(host.admin.begin(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, 0), 10, id);
    host.admin.ring();
    host.settle();
  }

  private static void takeAll(Host.Queue queue, Map<Integer, Integer> statuses) {
    while (queue.hasCompletion()) {
      Host.Completion completion = queue.take();
      statuses.put(completion.commandId(), completion.status());
    }
  }

  @Test
  void aResetForgetsADeletionThatWaits() {
    host.enable();
    Host.Queue queue = createRemoteQueue(1);
    DmaMemory far = remote(4096);
    for (int i = 0; i < 8; i++) {
      host.post(queue, IoOpcode.READ, 1, i, 1, 0, far);
    }
    queue.ring();
    elsewhere.isSlow = true;
    host.settle();
    elsewhere.answer();
    host.settle();
    elsewhere.placesOfQueues = 1;
    beginDeletion(1);
    host.writeCc(0);
    host.settle();
    elsewhere.isSlow = false;
    host.enable();
    assertThat(host.admin.hasCompletion()).isFalse();
    Host.Queue again = createRemoteQueue(1);
    assertThat(host.io(again, IoOpcode.READ, 0, 8, host.memory(4096))).isZero();
  }

  @Test
  void whatIsOnItsWayAtAResetIsForgotten() {
    host.enable();
    Host.Queue queue = createRemoteQueue(1);
    DmaMemory far = remote(8192);
    for (int opcode : new int[] {IoOpcode.WRITE, IoOpcode.READ}) {
      host.post(queue, opcode, 1, 0, 16, 0, far);
    }
    elsewhere.isSlow = true;
    queue.ring();
    host.settle();
    assertThat(elsewhere.slow).as("the entries").hasSize(1);
    elsewhere.answer();
    host.settle();
    assertThat(elsewhere.slow).as("the data of both").hasSize(2);
    host.writeCc(0);
    host.settle();
    assertThat(elsewhere.slow).as("nobody waits for it").isEmpty();
    elsewhere.isSlow = false;
    host.enable();
    DmaMemory near = host.memory(4096);
    Host.Queue other = host.createQueue(2, 16);
    assertThat(host.io(other, IoOpcode.READ, 0, 8, near)).isZero();
  }

  /** Pages here, pages there, lists there; against what plain memory reads. */
  @Test
  void mixedPages() {
    host.enable();
    Host.Queue queue = host.createQueue(1, 64);
    DmaMemory near = host.memory(1 << 20);
    DmaMemory far = remote(1 << 19);
    DmaMemory farther = remote(1 << 19);
    DmaMemory list = remote(4096);
    long seed = 7;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 500; round++) {
      List<DmaMemory> memories = new ArrayList<>();
      List<Long> offsets = new ArrayList<>();
      boolean consecutive = random.nextInt(3) == 0;
      for (int i = 0; i < 32; i++) {
        DmaMemory memory = List.of(near, far, farther).get(random.nextInt(3));
        memories.add(memory);
        offsets.add((consecutive ? i : i * 4L + random.nextInt(4)) % (memory.size() >> 12) << 12);
      }
      for (int opcode : new int[] {IoOpcode.WRITE, IoOpcode.READ}) {
        for (int i = 0; i < 32; i++) {
          long address = memories.get(i).address() + offsets.get(i);
          OffHeap.putLong(address, opcode == IoOpcode.WRITE ? round * 100L + i : 0);
          if (i > 0) {
            OffHeap.putLong(list.address() + (i - 1) * 8L, memories.get(i).iova() + offsets.get(i));
          }
        }
        long entry = queue.begin(opcode, 1);
        SubmissionEntry.prps(entry, memories.getFirst().iova() + offsets.getFirst(), list.iova());
        SubmissionEntry.cdw10And11(entry, 0);
        SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(256, 0));
        assertThat(host.finish(queue).status()).as("seed %d, round %d", seed, round).isZero();
      }
      for (int i = 0; i < 32; i++) {
        assertThat(OffHeap.getLong(memories.get(i).address() + offsets.get(i)))
            .as("seed %d, round %d, page %d", seed, round, i)
            .isEqualTo(round * 100L + i);
      }
    }
  }

  @Test
  void memoryThatIsRefused() {
    host.enable();
    Host.Queue queue = host.createQueue(1, 64);
    DmaMemory data = remote(4096);
    elsewhere.refuses = true;
    for (int opcode : new int[] {IoOpcode.WRITE, IoOpcode.READ, IoOpcode.COMPARE}) {
      assertThat(host.io(queue, opcode, 0, 8, data)).isEqualTo(TRANSFER_ERROR);
    }
    assertThat(host.admin(AdminOpcode.IDENTIFY, 0, data, IdentifyCns.CONTROLLER).status())
        .isEqualTo(TRANSFER_ERROR);
    elsewhere.refuses = false;
    Host.Queue gone = createRemoteQueue(2);
    elsewhere.refuses = true;
    int _ = host.post(gone, IoOpcode.READ, 1, 0, 8, 0, data);
    gone.ring();
    host.settle();
    assertThat(Csts.cfs(host.csts())).as("fatal").isTrue();
  }

  @Test
  void accessThatWasNotGiven() {
    host.enable();
    Host.Queue queue = host.createQueue(1, 64);
    DmaMemory source = moveAway(host.memory(4096), VirtualIommu.READ);
    DmaMemory target = moveAway(host.memory(4096), VirtualIommu.WRITE);
    assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, source)).isZero();
    assertThat(host.io(queue, IoOpcode.READ, 0, 8, source)).isEqualTo(TRANSFER_ERROR);
    assertThat(host.io(queue, IoOpcode.READ, 0, 8, target)).isZero();
    assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, target)).isEqualTo(TRANSFER_ERROR);
    DmaMemory here = host.memory(4096);
    host.drive.iommu().unmap(here.iova(), 4096);
    host.drive.iommu().map(here.address(), here.iova(), 4096, VirtualIommu.READ);
    assertThat(host.io(queue, IoOpcode.READ, 0, 8, here)).isEqualTo(TRANSFER_ERROR);
    assertThat(host.io(queue, IoOpcode.WRITE, 0, 8, here)).isZero();
    assertThat(host.io(queue, IoOpcode.READ, 0, 8, here)).isEqualTo(TRANSFER_ERROR);
  }

  @Test
  void doorbellsAreNotLookedForThere() {
    host.enable();
    DmaMemory near = host.memory(4096);
    DmaMemory far = remote(4096);
    for (DmaMemory[] pair : new DmaMemory[][] {{near, far}, {far, near}}) {
      long entry = host.admin.begin(AdminOpcode.DOORBELL_BUFFER_CONFIG, 0);
      SubmissionEntry.prps(entry, pair[0].iova(), pair[1].iova());
      assertThat(host.finish(host.admin).status()).isEqualTo(StatusCode.INVALID_FIELD.statusDnr());
    }
  }
}

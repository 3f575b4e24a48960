package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.vfio.MappedDmaSpace;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/**
 * Answers that are spoiled at random, and commands that cannot be before them, for each request: it
 * goes on or ends in one line, and leaves nothing behind. What is sent is there before it is asked
 * for, so that one thread does it all. {@code -Dsluice.fuzz.messages=1000000} for more of them.
 */
class RequestsFuzzTest {
  private static final long MESSAGES = Long.getLong("sluice.fuzz.messages", 50_000);
  private static final long SEED = Long.getLong("sluice.seed", 5);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int MOST_BODY = 4096 + DmaAccess.BYTES;
  private static final int SCRATCH_BYTES = 1 << 14;
  private static final int REGISTER = 0x14;
  private static final long IOVA = 0x10000;

  private final MemorySegment scratch = Arena.ofAuto().allocate(2L * SCRATCH_BYTES, Long.BYTES);
  private final long message = scratch.address();
  private final long body = message + MessageSocket.HEADER_BYTES;
  private final int event = Events.eventfd();
  private final int file = Linux.memfd("doorbells", 0x2000, 0);
  private final int[] spareDescriptors = {
    event, file, Linux.memfd("none", 0, 0), Linux.memfd("long", 1 << 20, 0)
  };

  /** Goes on by itself: what is not there when it is asked for does not come. */
  private final AtomicLong clock = new AtomicLong();

  private final AtomicReference<String> end = new AtomicReference<>();
  private Random random;
  private LocalSocket server;
  private Mutations mutations;
  private Conversation conversation;
  private ClientRequests requests;
  private MappedDmaSpace dma;
  private DmaMemory memory;
  private int id;
  private long descriptors;
  private long mappings;

  @BeforeEach
  void count() throws Exception {
    descriptors = FakeServer.openDescriptors();
    mappings = FakeServer.mappedFiles();
  }

  @AfterEach
  void close() {
    for (int fd : spareDescriptors) {
      Linux.close(fd);
    }
  }

  @Test
  void nothingThatAServerAnswersDoesHarm() throws Exception {
    random = new Random(SEED);
    long malformed = 0;
    long sessions = 0;
    while (malformed < MESSAGES) {
      begin();
      while (!conversation.hasEnded()) {
        ask();
        drain();
      }
      assertThat(end.get()).as("seed %d, session %d", SEED, sessions).matches("[ -~]+");
      malformed += mutations.count();
      sessions++;
      finish();
    }
    assertThat(FakeServer.openDescriptors()).as("seed %d", SEED).isEqualTo(descriptors);
    assertThat(FakeServer.mappedFiles()).as("seed %d", SEED).isEqualTo(mappings);
  }

  private void begin() {
    LocalSocket[] pair = LocalSocket.pair();
    server = pair[1];
    // Nobody's time is wasted: a clock that goes on does as well.
    mutations = new Mutations(random, server, spareDescriptors, new AtomicLong(), 1);
    SharedMemory shared = new SharedMemory();
    conversation =
        new Conversation(
            "vfio-user:/a",
            new MessageSocket(pair[0], MOST_BODY, 8),
            new ServerCommands(shared, LONG),
            Duration.ofNanos(1),
            clock::getAndIncrement,
            end::set);
    requests = new ClientRequests(conversation);
    dma = new MappedDmaSpace(new UserIommu(requests, shared, 4));
    memory = null;
    id = 0;
  }

  private void finish() {
    conversation.close();
    dma.close();
    server.close();
  }

  private void ask() {
    id++;
    try {
      switch (random.nextInt(11)) {
        case 0 -> {
          Version version = Version.plain().withDescriptors(3).withWriteMultiple(true);
          boolean hasTwin = random.nextBoolean();
          prepare(Command.VERSION, version.withTwinSocket(hasTwin, 0).write(body, true), event);
          ClientRequests.Greeting greeting = requests.version(version);
          if (greeting.twinFd() >= 0) {
            Linux.close(greeting.twinFd());
          }
        }
        case 1 -> {
          DeviceInfo.write(body, DeviceInfo.FLAG_PCI, 9, 5);
          prepare(Command.DEVICE_GET_INFO, DeviceInfo.BYTES);
          requests.device();
        }
        case 2, 3 -> {
          List<RegionInfo.Area> areas = List.of(new RegionInfo.Area(0x1000, 0x1000));
          int bytes = new RegionInfo(0x4000, 0, areas).write(body, 0, 3, 256);
          prepare(Command.DEVICE_GET_REGION_INFO, bytes, file);
          requests.region(0).unmap();
        }
        case 4 -> {
          OffHeap.putInt(body, Interrupts.INFO_BYTES);
          OffHeap.putInt(body + Interrupts.FLAGS, Interrupts.FLAG_EVENTFD);
          OffHeap.putInt(body + Interrupts.INFO_INDEX, Interrupts.MSIX);
          OffHeap.putInt(body + Interrupts.INFO_COUNT, 32);
          prepare(Command.DEVICE_GET_IRQ_INFO, Interrupts.INFO_BYTES);
          assertThat(requests.vectors()).isBetween(0, 2048);
        }
        case 5 -> {
          prepare(Command.DEVICE_SET_IRQS, 0);
          requests.setVectors(event);
        }
        case 6 -> {
          RegionAccess.write(body, REGISTER, 0, Integer.BYTES);
          prepare(Command.REGION_READ, RegionAccess.BYTES + Integer.BYTES);
          requests.read(0, REGISTER, Integer.BYTES);
        }
        case 7 -> {
          RegionAccess.write(body, REGISTER, 0, Integer.BYTES);
          prepare(Command.REGION_WRITE, RegionAccess.BYTES);
          requests.write(0, REGISTER, Integer.BYTES, 1);
        }
        case 8 -> {
          RegionWrites.putCount(body, 2);
          prepare(Command.REGION_WRITE_MULTI, RegionWrites.COUNT_BYTES);
          requests.writeHalves(0, REGISTER, 1);
        }
        default -> askForMemory();
      }
    } catch (VfioUserException e) {
      assertThat(e.getMessage()).as("seed %d", SEED).matches("vfio-user:/a: [ -~]+");
    }
  }

  private void askForMemory() {
    if (memory == null) {
      prepare(Command.DMA_MAP, 0);
      memory = dma.allocate(4096);
    } else {
      DmaRange.writeUnmap(body, 0, IOVA, 4096);
      prepare(Command.DMA_UNMAP, DmaRange.UNMAP_BYTES);
      dma.free(memory);
      memory = null;
    }
  }

  /** Sends the answer to the next request, spoiled or not, with nonsense before it. */
  private void prepare(int command, int bytes, int... fds) {
    while (random.nextInt(4) == 0) {
      mutations.ask(message + SCRATCH_BYTES);
    }
    OffHeap.putShort(message, (short) id);
    OffHeap.putShort(message + 2, (short) command);
    OffHeap.putInt(message + 4, MessageSocket.HEADER_BYTES + bytes);
    OffHeap.putInt(message + 8, MessageSocket.FLAG_REPLY);
    OffHeap.putInt(message + 12, 0);
    if (random.nextInt(3) > 0) {
      long _ = server.send(message, MessageSocket.HEADER_BYTES + bytes, fds);
    } else if (!mutations.send(message, MessageSocket.HEADER_BYTES + bytes, fds)) {
      server.close();
    }
  }

  /** Takes what the client has sent, its descriptors too. */
  private void drain() {
    while (server.fd() >= 0 && server.receive(message, SCRATCH_BYTES) > 0) {
      for (int i = 0; i < server.descriptors(); i++) {
        Linux.close(server.descriptor(i));
      }
    }
  }
}

package sluice.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.support.agent.IdleStrategy;
import sluice.vfio.DmaMemory;

/** The driver on a transport that fails in every way, with handlers and listeners that do too. */
@Timeout(60)
class ChaosTransportTest {
  private static final int QUEUES = 4;
  private static final int DEPTH = 8;
  private static final int MOST_BLOCKS = 64;
  private static final int STEPS = 2000;
  private static final int ABORTED = StatusCode.ABORTED_BY_HOST.status();

  private final ChaosTransport transport = new ChaosTransport();
  private final List<String> completed = new ArrayList<>();
  private long now;

  private final ControllerOptions options =
      ControllerOptions.defaults()
          .withNanoClock(() -> now += 1_000_000)
          .withIoTimeout(Duration.ofSeconds(1))
          .withAdminTimeout(Duration.ofMillis(50))
          .withIdle(IdleStrategy::spinning);

  private void report(long tag, int status) {
    completed.add(tag + ":" + status);
  }

  private void refuse(int opcode, int status) {
    transport.keeping = asked -> asked == opcode ? status : 0;
  }

  private static List<IoQueue> createAll(NvmeController controller) {
    List<IoQueue> queues = new ArrayList<>();
    for (int i = 0; i < QUEUES; i++) {
      queues.add(controller.createIoQueue(DEPTH));
    }
    return queues;
  }

  // ---- places of queues

  @Test
  void aQueueWhoseDeletionIsRefusedGivesItsPlaceBackAtTheNextReset() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      List<IoQueue> queues = createAll(controller);
      refuse(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, StatusCode.INVALID_FIELD.status());
      assertThatThrownBy(queues.get(1)::close).isInstanceOf(CommandFailedException.class);
      assertThatThrownBy(() -> controller.createIoQueue(DEPTH))
          .hasMessageContaining("has no more than 4 I/O queues");
      transport.keeping = opcode -> 0;
      controller.reset();
      assertThat(controller.createIoQueue(DEPTH).id()).isEqualTo(2);
    }
  }

  @Test
  void aQueueWhoseDeletionIsNotAnsweredGivesItsPlaceBackWithTheResetThatFollows() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      List<IoQueue> queues = createAll(controller);
      refuse(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE, CapsuleDrive.NO_ANSWER);
      queues.get(1).close();
      transport.keeping = opcode -> 0;
      assertThat(controller.createIoQueue(DEPTH).id()).isEqualTo(2);
    }
  }

  // ---- handlers

  private IoQueue reset(NvmeController controller, int requests) {
    IoQueue queue = controller.createIoQueue(DEPTH);
    transport.fate = () -> ChaosTransport.Fate.LOST;
    for (int tag = 1; tag <= requests; tag++) {
      assertThat(queue.flush(controller.namespace(1), tag)).isTrue();
    }
    assertThat(queue.poll(this::report)).isZero();
    controller.reset();
    return queue;
  }

  @Test
  void whatAResetEndsIsAllReportedThoughTheHandlerFailsBadly() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      IoQueue queue = reset(controller, 3);
      assertThatThrownBy(() ->
              queue.poll((tag, status) -> {
                report(tag, status);
                throw new AssertionError("no " + tag);
              }))
          .isInstanceOf(AssertionError.class)
          .hasMessage("no 1")
          .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
      assertThat(completed)
          .containsExactlyInAnyOrder("1:" + ABORTED, "2:" + ABORTED, "3:" + ABORTED);
      assertThat(queue.outstanding()).isZero();
    }
  }

  @Test
  void aHandlerThatClosesTheQueueAfterAResetIsToldNothingMore() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      IoQueue queue = reset(controller, 3);
      int reported =
          queue.poll((tag, status) -> {
            report(tag, status);
            queue.close();
          });
      assertThat(completed).containsExactly("1:" + ABORTED);
      assertThat(reported).isOne();
    }
  }

  // ---- listeners, and resets that fail

  @Test
  void aListenerForNoticesThatThrowsCostsNoController() {
    ControllerOptions throwing =
        options.withOnNotice(notice -> {
          throw new IllegalStateException("the log is full");
        });
    try (NvmeController controller = NvmeController.open(transport, throwing)) {
      IoQueue queue = controller.createIoQueue(DEPTH);
      int[] attempts = {0};
      transport.onAttach =
          () -> {
            if (attempts[0]++ == 0) {
              throw new NvmeException("not yet");
            }
          };
      transport.fate = () -> ChaosTransport.Fate.ANSWERED_AS_ANOTHER;
      assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
      assertThat(queue.poll(this::report)).isZero();
      transport.fate = () -> ChaosTransport.Fate.ANSWERED;
      assertThat(queue.poll(this::report)).isOne();
      assertThat(completed).containsExactly("1:" + ABORTED);
      assertThat(controller.notices())
          .anyMatch(notice -> notice.contains("does not come back from its reset"))
          .contains(
              "has a listener for notices that fails: java.lang.IllegalStateException: the log is"
                  + " full");
    }
  }

  @Test
  void aControllerThatCannotBeCutOffEitherHasFailedAndSaysSo() {
    NvmeController controller = NvmeController.open(transport, options);
    IoQueue queue = controller.createIoQueue(DEPTH);
    transport.onAttach =
        () -> {
          throw new NvmeException("no way to it");
        };
    transport.onDetach =
        () -> {
          throw new IllegalStateException("nor back");
        };
    assertThatThrownBy(controller::reset).isInstanceOf(NvmeException.class);
    assertThatThrownBy(() -> queue.poll(this::report))
        .isInstanceOf(NvmeException.class)
        .hasMessage("fake:0 has failed: no way to it");
    assertThat(controller).asString().contains("FAILED");
    queue.close();
    controller.close();
  }

  // ---- steps that throw

  private IoQueue failing(NvmeController controller, String step, int skipped) {
    IoQueue queue = controller.createIoQueue(DEPTH);
    int[] left = {skipped};
    transport.onStep =
        what -> {
          if (what.equals(step) && left[0]-- == 0) {
            throw new NvmeException("no " + what);
          }
        };
    return queue;
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim", "describe", "post"})
  void aRequestThatTheTransportDoesNotTakeNeverWas(String step) {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      IoQueue queue = failing(controller, step, 0);
      Namespace namespace = controller.namespace(1);
      DmaMemory memory = controller.dma().allocate(4096);
      assertThatThrownBy(() -> queue.read(namespace, 0, 1, memory, 0, 7)).hasMessage("no " + step);
      assertThat(queue.outstanding()).isZero();
      for (int tag = 0; tag < DEPTH; tag++) {
        assertThat(queue.read(namespace, 0, 1, memory, 0, tag)).as("all places").isTrue();
      }
      assertThat(queue.poll(this::report)).isEqualTo(DEPTH);
      assertThat(completed).hasSize(DEPTH).allMatch(each -> each.endsWith(":0"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flush", "zero", "deallocate"})
  void soIsOneWithoutData(String kind) {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      IoQueue queue = failing(controller, "post", 0);
      Namespace namespace = controller.namespace(1);
      for (int i = 0; i < 3 * DEPTH; i++) {
        assertThatThrownBy(
                () -> {
                  boolean _ =
                      switch (kind) {
                        case "flush" -> queue.flush(namespace, 1);
                        case "zero" -> queue.writeZeroes(namespace, 0, 1, false, 1);
                        default -> queue.deallocate(namespace, 0, 1, 1);
                      };
                })
            .hasMessage("no post");
        transport.onStep =
            what -> {
              if (what.equals("post")) {
                throw new NvmeException("no post");
              }
            };
        assertThat(queue.outstanding()).isZero();
      }
      controller.reset();
      assertThat(queue.poll(this::report)).isZero();
      assertThat(completed).isEmpty();
    }
  }

  /** It is split in 4, of which some are out when one is not taken. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aSplitRequestIsTakenIfAnyOfItIs(int taken) {
    try (NvmeController controller =
        NvmeController.open(transport, options.withMaxTransferBytes(4096))) {
      IoQueue queue = failing(controller, "describe", taken);
      Namespace namespace = controller.namespace(1);
      int blocks = 4 * 4096 / CapsuleDrive.BLOCK;
      DmaMemory memory = controller.dma().allocate(4 * 4096);
      if (taken == 0) {
        assertThatThrownBy(() -> queue.read(namespace, 0, blocks, memory, 0, 7))
            .hasMessage("no describe");
      } else {
        assertThat(queue.read(namespace, 0, blocks, memory, 0, 7)).isTrue();
      }
      for (int turn = 0; turn < 3; turn++) {
        int _ = queue.poll(this::report);
      }
      assertThat(queue.outstanding()).isZero();
      assertThat(completed).isEqualTo(taken == 0 ? List.of() : List.of("7:0"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim", "post"})
  void anAdminCommandThatIsNotTakenLeavesItsPlace(String step) {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      transport.onAdminStep =
          what -> {
            if (what.equals(step)) {
              throw new NvmeException("no " + what);
            }
          };
      for (int i = 0; i <= AdminQueue.DEPTH; i++) {
        assertThatThrownBy(() -> controller.createIoQueue(DEPTH)).hasMessage("no " + step);
      }
      transport.onAdminStep = what -> {};
      createAll(controller).forEach(IoQueue::close);
    }
  }

  @Test
  void whatWasNotRungGoesOutWithTheNextRing() {
    try (NvmeController controller = NvmeController.open(transport, options)) {
      IoQueue queue = failing(controller, "ring", 0);
      assertThat(queue.flush(controller.namespace(1), 1)).isTrue();
      assertThatThrownBy(queue::ring).hasMessage("no ring");
      assertThat(queue.outstanding()).isOne();
      assertThat(queue.poll(this::report)).isOne();
      assertThat(completed).containsExactly("1:0");
    }
  }

  // ---- at random

  private static final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A queue, and what was asked on it and has not been reported. */
  private static final class Client {
    final IoQueue queue;
    final Set<Long> out = new TreeSet<>();
    boolean isOpen = true;

    Client(IoQueue queue) {
      this.queue = queue;
    }

    void close() {
      isOpen = false;
      out.clear();
      try {
        queue.close();
      } catch (NvmeException e) {
        // The drive has refused: it keeps the queue, and nobody uses it any more.
      }
    }
  }

  private final class Run {
    private final SplittableRandom random;
    private final String what;
    private final List<Client> clients = new ArrayList<>();
    private final NvmeController controller = NvmeController.open(transport, options);
    private final DmaMemory memory = controller.dma().allocate(MOST_BLOCKS * CapsuleDrive.BLOCK);
    private final List<String> wrong = new ArrayList<>();
    private boolean isQuiet;
    private long nextTag;

    Run(long seed) {
      random = new SplittableRandom(seed);
      what = "seed " + seed;
      transport.fate = this::fate;
      transport.keeping = this::keeping;
      transport.onStep =
          what -> {
            if (!isQuiet && random.nextInt(100) == 0) {
              throw new NvmeException("no " + what);
            }
          };
      transport.onAttach =
          () -> {
            if (!isQuiet && random.nextInt(8) == 0) {
              throw new NvmeException("not attached");
            }
          };
    }

    private ChaosTransport.Fate fate() {
      if (isQuiet) {
        return ChaosTransport.Fate.ANSWERED;
      }
      return switch (random.nextInt(400)) {
        case 0 -> ChaosTransport.Fate.LOST;
        case 1 -> ChaosTransport.Fate.ANSWERED_AS_ANOTHER;
        case 2 -> ChaosTransport.Fate.ANSWERED_TO_ANOTHER_QUEUE;
        case 3, 4, 5, 6, 7, 8 -> ChaosTransport.Fate.ANSWERED_TWICE;
        default -> random.nextInt(3) == 0 ? ChaosTransport.Fate.ANSWERED : ChaosTransport.Fate.KEPT;
      };
    }

    private int keeping(int opcode) {
      return isQuiet
          ? 0
          : switch (random.nextInt(20)) {
            case 0 -> CapsuleDrive.NO_ANSWER;
            case 1, 2 -> StatusCode.INVALID_FIELD.status();
            default -> 0;
          };
    }

    void step() {
      Client client = clients.isEmpty() ? null : clients.get(random.nextInt(clients.size()));
      switch (random.nextInt(60)) {
        case 0 -> open();
        case 1 -> now += random.nextLong(400_000_000);
        case 2 -> {
          if (random.nextInt(4) == 0) {
            guarded(controller::reset);
          }
        }
        case 3 -> {
          if (client != null && random.nextInt(4) == 0) {
            client.close();
          }
        }
        default -> {
          if (client != null && random.nextBoolean()) {
            guarded(() -> ask(client));
          } else if (client != null) {
            guarded(() -> client.queue.poll((tag, status) -> handle(client, tag)));
          }
        }
      }
      clients.removeIf(each -> !each.isOpen);
    }

    private void open() {
      guarded(() -> clients.add(new Client(controller.createIoQueue(1 + random.nextInt(DEPTH)))));
    }

    private void guarded(Runnable action) {
      try {
        action.run();
      } catch (NvmeException | HandlerFailure e) {
        // Told; whatever was accepted is still owed.
      }
    }

    private void ask(Client client) {
      Namespace namespace = controller.namespace(1);
      long tag = nextTag;
      int blocks = 1 + random.nextInt(MOST_BLOCKS);
      long lba = random.nextInt(CapsuleDrive.BLOCKS - MOST_BLOCKS);
      boolean isTaken =
          switch (random.nextInt(4)) {
            case 0 -> client.queue.flush(namespace, tag);
            case 1 -> client.queue.write(namespace, lba, blocks, memory, 0, tag);
            case 2 -> client.queue.deallocate(namespace, lba, blocks, tag);
            default -> client.queue.read(namespace, lba, blocks, memory, 0, tag);
          };
      if (isTaken) {
        nextTag++;
        client.out.add(tag);
      }
    }

    private void handle(Client client, long tag) {
      if (!client.out.remove(tag)) {
        wrong.add("request " + tag + " is not owed");
      }
      if (isQuiet) {
        return;
      }
      switch (random.nextInt(40)) {
        case 0 -> throw new HandlerFailure();
        case 1, 2, 3 -> ask(client);
        case 4 -> guarded(() -> client.queue.poll((its, status) -> handle(client, its)));
        case 5 -> {
          if (random.nextInt(8) == 0) {
            client.close();
          }
        }
        default -> {}
      }
    }

    boolean hasFailed() {
      return controller.toString().contains("FAILED");
    }

    void finish() {
      isQuiet = true;
      for (Client client : clients) {
        for (int turn = 0; !client.out.isEmpty() && !hasFailed(); turn++) {
          assertThat(turn)
              .as("%s: turns for %s of %s", what, client.out, client.queue)
              .isLessThan(10_000);
          now += 10_000_000;
          guarded(() -> client.queue.poll((tag, status) -> handle(client, tag)));
        }
        if (!hasFailed()) {
          assertThat(client.queue.outstanding()).as(what).isZero();
        }
        client.close();
      }
      if (!hasFailed()) {
        controller.reset();
        createAll(controller).forEach(IoQueue::close);
      }
      controller.close();
      assertThat(wrong).as(what).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whatIsAcceptedIsReportedOnceWhateverGoesWrong(long seed) {
    Run run = new Run(seed);
    for (int step = 0; step < STEPS && !run.hasFailed(); step++) {
      run.step();
    }
    run.finish();
  }
}

package sluice.virtual.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import sluice.nvme.DriveAddress;
import sluice.virtual.VirtualDriveProvider;
import sluice.virtual.command.Subsystem;

/** A target that moves when a test says so, by a clock that the test sets. */
final class SteppedTarget implements AutoCloseable {
  static final String NQN = "nqn.2026-11.org.sluice.test:a";

  /** As many turns as anything takes that does not wait for time. */
  private static final int TURNS = 200;

  final List<String> log = new ArrayList<>();
  long nanos = 1_000_000_000L;
  private final List<Subsystem> subsystems = new ArrayList<>();
  private final Target target;

  private SteppedTarget(
      UnaryOperator<TargetOptions> options,
      Consumer<String> log,
      Function<SteppedTarget, Subsystem> drive) {
    TargetOptions wanted =
        options.apply(
            TargetOptions.defaults()
                .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    target =
        Target.make(
            wanted,
            List.of(() -> {
              Subsystem made = drive.apply(this);
              subsystems.add(made);
              return made;
            }),
            () -> nanos,
            line -> {
              this.log.add(line);
              log.accept(line);
            });
  }

  SteppedTarget(UnaryOperator<TargetOptions> options, Function<SteppedTarget, Subsystem> drive) {
    this(options, line -> {}, drive);
  }

  /**
   * @param drive makes it, by this target's clock; its name is {@link #NQN}
   */
  SteppedTarget(Function<SteppedTarget, Subsystem> drive) {
    this(options -> options, drive);
  }

  SteppedTarget(UnaryOperator<TargetOptions> options, String drive) {
    this(options, line -> {}, drive);
  }

  SteppedTarget(UnaryOperator<TargetOptions> options, Consumer<String> log, String drive) {
    this(
        options,
        log,
        target ->
            VirtualDriveProvider.subsystem(
                DriveAddress.parse("virtual:" + drive + "&nqn=" + NQN), () -> target.nanos));
  }

  SteppedTarget(String drive) {
    this(options -> options, drive);
  }

  /** Its drive's name. */
  String nqn() {
    return subsystems.getFirst().identity().nqn();
  }

  InetSocketAddress address() {
    return target.address();
  }

  /** Lets it do what there is to do, and a little more. */
  void step() {
    int idle = 0;
    for (int turn = 0; turn < 100 * TURNS && idle < TURNS; turn++) {
      idle = target.doWork() > 0 ? 0 : idle + 1;
    }
  }

  /** One turn. */
  int turn() {
    return target.doWork();
  }

  /** Lets time go by. */
  void pass(long millis) {
    nanos += millis * 1_000_000;
    step();
  }

  int controllers() {
    return subsystems.getFirst().controllers().size();
  }

  int connections() {
    return target.connectionCount();
  }

  /** What the target keeps for hosts: nothing when they have gone. */
  long bytesOut() {
    return target.buffers().bytesOut();
  }

  /** What queues take. */
  long queueBytes() {
    return target.queueMemory().bytes();
  }

  void assertIsEmpty() {
    assertThat(connections()).as("connections").isZero();
    assertThat(controllers()).as("controllers").isZero();
    assertThat(bytesOut()).as("bytes of buffers").isZero();
    assertThat(subsystems.getFirst().isIdle()).as("no command is out").isTrue();
  }

  @Override
  public void close() {
    target.close();
  }
}

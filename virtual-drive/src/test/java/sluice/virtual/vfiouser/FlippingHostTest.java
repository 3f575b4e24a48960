package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.nvme.DriveAddress;
import sluice.queues.SubmissionEntry;
import sluice.support.agent.AgentRunner;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.MediaProxy;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.personality.Personality;

/** A host that changes entries while a served drive takes them harms nobody but itself. */
@Timeout(120)
class FlippingHostTest {
  @TempDir Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest
  @CsvSource({"memory, 1, 100000", "disk.img, 2, 20000"})
  void whatTheDriveTookIsWhatCounts(String media, long seed, long commands) {
    Path socket = folder.resolve("s");
    String drive = media.equals("memory") ? media : folder.resolve(media).toString();
    DriveAddress address = DriveAddress.parse("virtual:" + drive + "?" + FlippedMedia.OPTIONS);
    DriveServer server = DriveServer.open(socket, address, System::nanoTime, log::add);
    try (AgentRunner runner = AgentRunner.start(server, server.idle())) {
      try (FlippingHost host = new FlippingHost(FlippingHost.connect(socket), seed)) {
        host.run(commands, false);
        assertThat(host.good()).as("%s", host).isPositive();
      }
      try (FlippingHost next = new FlippingHost(FlippingHost.connect(socket), seed)) {
        next.run(1, true);
      }
      assertThat(runner.isRunning()).isTrue();
    }
  }

  /** What is wrong with a drive, all but {@link #READS_AN_ENTRY_TWICE} now and then. */
  enum Flaw {
    WRITES_A_BLOCK_BESIDE("block .* of namespace .* was changed"),
    READS_A_BLOCK_BESIDE("block .* of namespace .* was read"),
    WRITES_ANOTHER_NAMESPACE("block .* of namespace .* was changed"),
    ZEROES_A_BLOCK_MORE("block .* of namespace .* was changed"),
    READS_AN_ENTRY_TWICE("block .* of namespace .* was changed");

    private final String finding;

    Flaw(String finding) {
      this.finding = finding;
    }
  }

  /** Media that behaves while the host does. */
  private static final class Flawed extends MediaProxy {
    private static final int SELDOM = 10;

    private final Flaw flaw;
    private final AtomicReference<FlippingHost> host;
    private int calls;

    Flawed(Flaw flaw, AtomicReference<FlippingHost> host) {
      super(new MemoryBackend(3 * FlippedMedia.NAMESPACE_BYTES));
      this.flaw = flaw;
      this.host = host;
    }

    private boolean isTried() {
      return host.get() != null && host.get().isFlipping();
    }

    private boolean isNow(Flaw wanted) {
      return flaw == wanted && isTried() && ++calls % SELDOM == 0;
    }

    private boolean isInside(long offset, long length) {
      return offset >= 0 && offset <= size() - length;
    }

    @Override
    public void read(long offset, long address, long length) {
      long beside = offset + FlippedMedia.BLOCK;
      if (isNow(Flaw.READS_A_BLOCK_BESIDE) && isInside(beside, length)) {
        super.read(beside, address, length);
      } else {
        super.read(offset, address, length);
      }
    }

    @Override
    public void write(long offset, long address, long length) {
      long to = offset;
      if (isNow(Flaw.WRITES_A_BLOCK_BESIDE)) {
        to += FlippedMedia.BLOCK;
      } else if (isNow(Flaw.WRITES_ANOTHER_NAMESPACE)) {
        to += FlippedMedia.NAMESPACE_BYTES;
      } else if (flaw == Flaw.READS_AN_ENTRY_TWICE && isTried()) {
        to = offsetOfNow(offset, address);
      }
      super.write(isInside(to, length) ? to : offset, address, length);
    }

    /** Where the entry that the data belongs to says by now that it goes. */
    private long offsetOfNow(long offset, long address) {
      int entry = FlippedPages.entry(OffHeap.getLong(address));
      if (entry < 0) {
        return offset;
      }
      // The host's thread is to get on meanwhile, also where both have one processor.
      Thread.yield();
      long lba = Integer.toUnsignedLong(SubmissionEntry.cdw(host.get().entry(entry), 10));
      long begin = offset - offset % FlippedMedia.NAMESPACE_BYTES;
      return begin + lba * FlippedMedia.BLOCK;
    }

    @Override
    public void zero(long offset, long length) {
      long more = length + FlippedMedia.BLOCK;
      boolean isMore = isNow(Flaw.ZEROES_A_BLOCK_MORE) && isInside(offset, more);
      super.zero(offset, isMore ? more : length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDriveThatIsWrongIsFound(Flaw flaw) {
    Path socket = folder.resolve("s");
    AtomicReference<FlippingHost> flipping = new AtomicReference<>();
    long size = FlippedMedia.NAMESPACE_BYTES;
    DriveSettings settings = new DriveSettings().namespaceBytes(List.of(size, size, size));
    DriveServer server =
        DriveServer.open(
            socket,
            () ->
                new VirtualDrive(
                    settings, Personality.PLAIN, new Flawed(flaw, flipping), System::nanoTime),
            System::nanoTime,
            log::add);
    try (AgentRunner _ = AgentRunner.start(server, server.idle());
        FlippingHost host = new FlippingHost(FlippingHost.connect(socket), 1)) {
      flipping.set(host);
      assertThatThrownBy(() -> host.run(50_000, false)).hasMessageFindingMatch(flaw.finding);
    }
  }
}

package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import sluice.nvme.CommandFailedException;
import sluice.nvme.DriveAddress;
import sluice.nvme.NvmeException;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.ConnectData;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.DiscoveryEntry;
import sluice.nvme.spec.DiscoveryLog;
import sluice.nvme.spec.FabricsCommand;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;

/**
 * Asks a discovery service which subsystems there are (NVMe over Fabrics 1.1, section 5). Waits,
 * but for each answer no longer than the option {@code timeout} says. Used by one thread.
 */
public final class Discovery implements AutoCloseable {
  /** Where discovery services listen that are told no other port. */
  public static final int PORT = 8009;

  /** More than that is no answer to believe. */
  private static final int MAX_RECORDS = 4096;

  /** Records that are read at once. */
  private static final int RECORDS_AT_ONCE = 4;

  /** How often the log is read again because it has changed in between. */
  private static final int ATTEMPTS = 5;

  /** Services that are asked at the most where referrals are followed. */
  private static final int MAX_SERVICES = 64;

  /** Referrals behind each other that are followed. */
  private static final int MAX_REFERRALS = 8;

  /** All of a log is read within so many times the time for an answer. */
  private static final int TIMEOUTS = 6;

  private static final int DEPTH = 4;
  private static final int ENTRY_SIZES = 6 << 16 | 4 << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final TcpPlace place;
  private final TcpOptions options;
  private final LongSupplier clock = System::nanoTime;
  private final Association association;
  private final DmaMemory page =
      new DmaMemory(
          Arena.ofAuto().allocate(RECORDS_AT_ONCE * (long) DiscoveryEntry.BYTES, Long.BYTES), 0);
  private final Connection connection;
  private final long limit;

  /**
   * A service that a referral named.
   *
   * @param service its place, as {@code HOST:PORT}
   * @param log what it has told; null if it could not be asked
   * @param failure why not, a line; null if it could
   */
  public record Referred(String service, Log log, String failure) {}

  /** A place to ask, and behind how many referrals it is. */
  private record Step(TcpPlace place, int referrals) {}

  /**
   * What a service has told.
   *
   * @param generation another number when it has changed
   * @param entries in the service's order
   */
  public record Log(long generation, List<DiscoveryEntry> entries) {}

  private Discovery(TcpPlace place, TcpOptions options) {
    this.place = place;
    this.options = options;
    this.association = new Association(place, options, clock);
    this.connection = association.begin(DEPTH);
    this.limit = clock.getAsLong() + options.timeout().multipliedBy(TIMEOUTS).toNanos();
    try {
      enable();
    } catch (RuntimeException e) {
      association.close();
      throw e;
    }
  }

  /**
   * Asks a service.
   *
   * @param authority {@code HOST[:PORT]}; without a port both 8009 and 4420 are tried
   * @param options as of a drive's address
   * @throws IllegalArgumentException if the place, or an option, is no good; one clear line
   * @throws NvmeException if there is no service, or it does not answer
   */
  public static Log ask(String authority, Map<String, String> options) {
    TcpPlace service = TcpPlace.parse(authority, PORT, ConnectData.DISCOVERY);
    TcpOptions how = options(options);
    boolean hasNoPort =
        !service.equals(TcpPlace.parse(authority, TcpPlace.PORT, service.subsystem()));
    try {
      return ask(service, how);
    } catch (NvmeException e) {
      if (!hasNoPort) {
        throw e;
      }
      try {
        return ask(new TcpPlace(service.host(), TcpPlace.PORT, service.subsystem()), how);
      } catch (NvmeException second) {
        // Where one is reached that does not answer as it should, that is what counts.
        boolean isFurther = !second.getMessage().contains(Dialing.UNREACHABLE);
        NvmeException said = isFurther ? second : e;
        said.addSuppressed(isFurther ? e : second);
        throw said;
      }
    }
  }

  /**
   * Asks the services that a log refers to, and those that theirs refer to, each once. A service
   * that cannot be asked costs itself alone. Of a web without an end 64 services are asked at the
   * most, none behind more than 8 referrals.
   *
   * @param log of a service
   * @param authority of that service, which is not asked again
   * @param options as of a drive's address
   * @return in the order in which they were asked
   */
  public static List<Referred> follow(Log log, String authority, Map<String, String> options) {
    TcpOptions how = options(options);
    Set<String> known = new HashSet<>();
    // Whichever of the two it was.
    known.add(TcpPlace.parse(authority, PORT, ConnectData.DISCOVERY).authority());
    known.add(TcpPlace.parse(authority, TcpPlace.PORT, ConnectData.DISCOVERY).authority());
    List<Referred> found = new ArrayList<>();
    Deque<Step> steps = new ArrayDeque<>();
    add(log, 1, known, steps, found);
    while (!steps.isEmpty() && found.size() < MAX_SERVICES) {
      Step step = steps.remove();
      String service = step.place().authority();
      try {
        Log next = ask(step.place(), how);
        found.add(new Referred(service, next, null));
        add(next, step.referrals() + 1, known, steps, found);
      } catch (NvmeException e) {
        found.add(new Referred(service, null, e.getMessage()));
      }
    }
    return List.copyOf(found);
  }

  /** The places of a log's referrals that have not been met. */
  private static void add(
      Log log, int referrals, Set<String> known, Deque<Step> steps, List<Referred> found) {
    if (referrals > MAX_REFERRALS) {
      return;
    }
    for (DiscoveryEntry entry : log.entries()) {
      if (entry.subtype() != DiscoveryEntry.REFERRAL || entry.transport() != DiscoveryEntry.TCP) {
        continue;
      }
      String host = entry.address();
      String service = (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + entry.service();
      String name = entry.subsystem().isEmpty() ? ConnectData.DISCOVERY : entry.subsystem();
      try {
        TcpPlace place = TcpPlace.parse(service, PORT, name);
        if (known.size() < 2 + MAX_SERVICES && known.add(place.authority())) {
          steps.add(new Step(place, referrals));
        }
      } catch (IllegalArgumentException e) {
        if (known.size() < 2 + MAX_SERVICES && known.add(service)) {
          found.add(new Referred(service, null, e.getMessage()));
        }
      }
    }
  }

  private static TcpOptions options(Map<String, String> options) {
    return TcpOptions.of(
        new DriveAddress("tcp", "", options).with("kato", "0s").with("reconnect", "0s"));
  }

  private static Log ask(TcpPlace place, TcpOptions options) {
    try (Discovery discovery = new Discovery(place, options)) {
      return discovery.log();
    }
  }

  private void enable() {
    set(Cc.en(ENTRY_SIZES, true));
    long deadline = deadline();
    while (!Csts.rdy((int) status())) {
      if (clock.getAsLong() >= deadline) {
        throw new NvmeException(place + " did not become ready in time");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private long deadline() {
    return Math.min(limit, clock.getAsLong() + options.timeout().toNanos());
  }

  private void set(int cc) {
    long entry = connection.claim();
    FabricsCommand.propertySet(entry, connection.callIdentifier(), Registers.CC, cc);
    call(entry, null, 0, "Property Set");
  }

  private long status() {
    long entry = connection.claim();
    FabricsCommand.propertyGet(entry, connection.callIdentifier(), Registers.CSTS, false);
    call(entry, null, 0, "Property Get");
    return connection.result();
  }

  private void call(long entry, DmaMemory data, int bytes, String what) {
    if (!connection.call(entry, data, bytes, true, clock, deadline())) {
      throw new NvmeException(place + " " + connection.failure());
    }
    if (connection.status() != 0) {
      throw new CommandFailedException(place + ": " + what, connection.status());
    }
  }

  private MemorySegment read(long offset, int bytes) {
    long entry = connection.claim();
    SubmissionEntry.begin(entry, AdminOpcode.GET_LOG_PAGE, connection.callIdentifier(), 0);
    SubmissionEntry.cdw(entry, 10, LogPage.cdw10(LogPage.DISCOVERY, bytes, false));
    SubmissionEntry.cdw(entry, 11, LogPage.cdw11(bytes));
    SubmissionEntry.cdw(entry, 12, (int) offset);
    SubmissionEntry.cdw(entry, 13, (int) (offset >>> Integer.SIZE));
    call(entry, page, bytes, "Get Log Page");
    MemorySegment copy = Arena.ofAuto().allocate(bytes, Long.BYTES);
    return copy.copyFrom(page.segment().asSlice(0, bytes));
  }

  /** Reads the log, again when it has changed meanwhile. */
  private Log log() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      DiscoveryLog header = new DiscoveryLog(read(0, DiscoveryLog.BYTES));
      if (header.recordFormat() != 0) {
        throw new NvmeException(
            place + " tells its subsystems in format " + header.recordFormat() + ", unknown here");
      }
      if (header.records() < 0 || header.records() > MAX_RECORDS) {
        throw new NvmeException(
            "%s says that it has %s subsystems, which cannot be"
                .formatted(place, Long.toUnsignedString(header.records())));
      }
      List<DiscoveryEntry> entries = entries((int) header.records());
      if (new DiscoveryLog(read(0, DiscoveryLog.BYTES)).generation() == header.generation()) {
        return new Log(header.generation(), entries);
      }
    }
    throw new NvmeException(place + " changes what it tells faster than it can be read");
  }

  private List<DiscoveryEntry> entries(int count) {
    List<DiscoveryEntry> entries = new ArrayList<>();
    while (entries.size() < count) {
      int next = Math.min(RECORDS_AT_ONCE, count - entries.size());
      long offset = DiscoveryLog.BYTES + (long) entries.size() * DiscoveryEntry.BYTES;
      MemorySegment read = read(offset, next * DiscoveryEntry.BYTES);
      for (int i = 0; i < next; i++) {
        entries.add(
            new DiscoveryEntry(
                read.asSlice((long) i * DiscoveryEntry.BYTES, DiscoveryEntry.BYTES)));
      }
    }
    return List.copyOf(entries);
  }

  @Override
  public void close() {
    association.close();
  }
}

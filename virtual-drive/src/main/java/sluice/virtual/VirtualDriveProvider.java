package sluice.virtual;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.DriveProvider;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.support.Closing;
import sluice.support.text.Units;
import sluice.virtual.array.CacheMedia;
import sluice.virtual.array.CacheOptions;
import sluice.virtual.array.CacheStatistics;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.command.Subsystem;
import sluice.virtual.media.Backend;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.media.FileBackend;
import sluice.virtual.media.FileMedia;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.NullBackend;
import sluice.virtual.media.SyncMedia;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;
import sluice.virtual.personality.PacedMedia;
import sluice.virtual.personality.Personality;
import sluice.virtual.personality.PersonalityOptions;

/**
 * Opens virtual drives: {@code virtual:disk.img?size=4G&lba=4096}, {@code virtual:memory?size=1G},
 * {@code virtual:null?size=1T}.
 *
 * <pre>
 *   size=4G            for memory and null, and to create a file
 *   lba=512            bytes in a logical block, 512 or 4096
 *   ns=2 ns=3G,1G      namespaces of equal size, or of these sizes
 *   mqes=1024          the most entries of a queue
 *   queues=64          the most pairs of I/O queues
 *   mdts=5             the largest transfer: 2 to this power pages of 4 KiB
 *   dstrd=0            doorbell stride
 *   shadow=no          whether shadow doorbells are offered
 *   access=write       read opens a file that may only be read, or is to be
 *   uuid= serial= nqn= what a host knows the drive by (see {@link DriveIdentity}); a file keeps
 *                      what it has first, others are new each time
 *   thread=auto        own, shared with the driver, or as the number of processors suggests
 *   cache=256M         so much memory as a read cache over the drive, 1M or more (see {@link
 *                      CacheMedia}); the personality's times are those of what is behind it
 *   cache-mode=through what becomes of what is written where something is cached: it is cached
 *                      too, or (around) forgotten
 *   personality=FILE   and the options of {@link PersonalityOptions}
 * </pre>
 */
public final class VirtualDriveProvider implements DriveProvider {
  private static final String SCHEME = "virtual";
  private static final String ACCESS = "access";
  private static final Set<String> NOT_FILES = Set.of("memory", "null");

  private static final Set<String> SETTINGS =
      Set.of(
          "size",
          "lba",
          "ns",
          "mqes",
          "queues",
          "mdts",
          "dstrd",
          "shadow",
          "thread",
          ACCESS,
          DriveIdentity.UUID_PART,
          DriveIdentity.SERIAL_PART,
          DriveIdentity.NQN_PART,
          "personality");
  private static final int PROCESSORS_FOR_OWN_THREAD = 4;

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public String usage() {
    return "virtual:FILE?size=4G, virtual:memory?size=1G or virtual:null?size=1T";
  }

  @Override
  public NvmeController open(DriveAddress address, ControllerOptions options) {
    NvmeController controller = openProvisional(address, options);
    keep(controller);
    return controller;
  }

  /**
   * The same; a file that is made for it is removed when the controller is closed, until it was
   * said that it is to be {@linkplain #keep kept}.
   */
  public static NvmeController openProvisional(DriveAddress address, ControllerOptions options) {
    return PcieTransport.open(function(address, options), options);
  }

  /** Says that a file that was made for a drive is to stay; nothing for other drives. */
  public static void keep(NvmeController controller) {
    function(controller).ifPresent(function -> function.drive().keep());
  }

  /**
   * Whether a drive that is a file may find no room in its file system.
   *
   * @return one line of what is so; empty if it finds room, or is another drive
   */
  public static String shortage(NvmeController controller) {
    return function(controller).map(function -> function.drive().shortage()).orElse("");
  }

  /** What the cache of a virtual drive of this process has done; empty where there is none. */
  public static Optional<CacheStatistics> cache(NvmeController controller) {
    return function(controller).flatMap(function -> function.drive().cache());
  }

  /** The function of a controller that is a virtual drive of this process. */
  private static Optional<VirtualFunction> function(NvmeController controller) {
    return PcieTransport.of(controller)
        .map(PcieTransport::function)
        .filter(VirtualFunction.class::isInstance)
        .map(VirtualFunction.class::cast);
  }

  /**
   * The same drive for a command that only reads: a drive that is a file is opened to be read, so
   * that it is neither made nor changed, and may be where nothing can be written. Other drives, and
   * an address that says itself how it is to be opened, stay as they are.
   */
  public static DriveAddress toRead(DriveAddress address) {
    boolean isFile =
        address.scheme().equals(SCHEME)
            && !address.path().isEmpty()
            && !NOT_FILES.contains(address.path());
    return isFile && !address.options().containsKey(ACCESS)
        ? address.with(ACCESS, "read")
        : address;
  }

  /** Makes the function that an address describes, which the caller closes. */
  @SuppressWarnings("exports") // For tests that look at the function itself.
  public static VirtualFunction function(DriveAddress address, ControllerOptions options) {
    VirtualDrive drive = provisional(address, options.nanoClock());
    boolean ownThread = ownThread(address.options());
    return new VirtualFunction(address.toString(), drive, ownThread ? options.idle().get() : null);
  }

  /**
   * Makes the drive that an address describes, which the caller closes; on what thread it works is
   * the caller's to say. That of another drive than a virtual one has the bytes of its first
   * namespace.
   *
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @throws IllegalArgumentException if the address is no good; one clear line
   */
  @SuppressWarnings("exports") // For tests that look at the drive itself.
  public static VirtualDrive drive(DriveAddress address, LongSupplier clock) {
    if (!address.scheme().equals(SCHEME)) {
      return SharedDrive.open(
          address,
          (settings, personality, media) -> new VirtualDrive(settings, personality, media, clock));
    }
    VirtualDrive drive = provisional(address, clock);
    drive.keep();
    return drive;
  }

  /**
   * Makes a subsystem of the drive at an address, for many hosts, which the caller closes: of a
   * virtual drive, or of any other that can be opened, whose first namespace it has then.
   *
   * @param clock nanoseconds, as {@link System#nanoTime}
   * @throws IllegalArgumentException if the address is no good; one clear line
   */
  @SuppressWarnings("exports") // For the front doors.
  public static Subsystem subsystem(DriveAddress address, LongSupplier clock) {
    if (!address.scheme().equals(SCHEME)) {
      return SharedDrive.open(
          address,
          (settings, personality, media) ->
              new Subsystem(settings.shared(true), personality, media, clock));
    }
    return make(
        address,
        clock,
        (settings, personality, media, backend) -> {
          settings.shared(true);
          Subsystem made = new Subsystem(settings, personality, media, clock);
          if (backend instanceof FileBackend file) {
            file.keep();
          }
          return made;
        });
  }

  private static VirtualDrive provisional(DriveAddress address, LongSupplier clock) {
    return make(
        address,
        clock,
        (settings, personality, media, backend) ->
            new VirtualDrive(settings, personality, media, backend, clock));
  }

  /** Makes something of what an address says. */
  @FunctionalInterface
  private interface Maker<T> {
    T make(DriveSettings settings, Personality personality, Media media, Backend backend);
  }

  private static <T> T make(DriveAddress address, LongSupplier clock, Maker<T> maker) {
    Set<String> known = new HashSet<>(SETTINGS);
    known.addAll(PersonalityOptions.NAMES);
    known.addAll(CacheOptions.NAMES);
    address.requireOptionsIn(known);
    DriveSettings settings = settings(address);
    Personality personality = personality(address.options());
    boolean _ = ownThread(address.options());
    CacheOptions caching = CacheOptions.parse(address.options());
    // Last, because it may create a file: nothing is made of an address that is no good.
    Backend backend = backend(address, settings);
    AutoCloseable made = backend;
    try {
      settings.identity(identity(address.options(), backend));
      Media media =
          backend instanceof FileBackend file ? new FileMedia(file) : new SyncMedia(backend);
      made = media;
      if (!caching.isCached()) {
        return maker.make(settings, personality, media, backend);
      }
      // What is cached is had at once, however slow the rest is.
      Media behind = personality.isTimed() ? new PacedMedia(media, personality, clock) : media;
      CacheMedia cache = caching.over(behind);
      made = cache;
      return maker.make(settings, personality.untimed(), cache, backend);
    } catch (RuntimeException e) {
      Closing.after(e, made);
      throw e;
    }
  }

  private static DriveSettings settings(DriveAddress address) {
    Map<String, String> options = address.options();
    DriveSettings settings = new DriveSettings();
    settings.readOnly(choice(options, ACCESS, "write", "write", "read").equals("read"));
    settings.identity(DriveIdentity.of(identityParts(options), UUID.randomUUID()));
    settings.blockBytes(number(options, "lba", settings.blockBytes()));
    settings.queueEntries(number(options, "mqes", settings.queueEntries()));
    settings.ioQueues(number(options, "queues", settings.ioQueues()));
    settings.mdts(number(options, "mdts", settings.mdts()));
    settings.dstrd(number(options, "dstrd", settings.dstrd()));
    settings.shadowDoorbells(choice(options, "shadow", "no", "yes", "no").equals("yes"));
    String namespaces = options.getOrDefault("ns", "1");
    if (namespaces.matches("[0-9]{1,2}")) {
      settings.namespaces(Integer.parseInt(namespaces));
    } else {
      List<Long> sizes = new ArrayList<>();
      for (String size : namespaces.split(",")) {
        sizes.add(Units.parseSize(size));
      }
      settings.namespaceBytes(sizes);
    }
    return settings;
  }

  private static Map<String, String> identityParts(Map<String, String> options) {
    Map<String, String> parts = new HashMap<>(options);
    parts.keySet().retainAll(DriveIdentity.PARTS);
    return parts;
  }

  private static DriveIdentity identity(Map<String, String> options, Backend backend) {
    Map<String, String> given = identityParts(options);
    return backend instanceof FileBackend file
        ? file.identity(given)
        : DriveIdentity.of(given, UUID.randomUUID());
  }

  private static Personality personality(Map<String, String> options) {
    Map<String, String> all = new HashMap<>();
    if (options.containsKey("personality")) {
      all.putAll(PersonalityOptions.read(Path.of(options.get("personality"))));
    }
    all.putAll(options);
    return PersonalityOptions.parse(all);
  }

  private static Backend backend(DriveAddress address, DriveSettings settings) {
    String path = address.path();
    String text = address.options().get("size");
    OptionalLong size = text == null ? OptionalLong.empty() : OptionalLong.of(size(text, settings));
    if (path.isEmpty()) {
      throw new IllegalArgumentException("a virtual drive needs a file's path, memory or null");
    }
    if (!NOT_FILES.contains(path)) {
      return settings.readOnly()
          ? FileBackend.openReadOnly(Path.of(path), size, settings.blockBytes())
          : FileBackend.openProvisional(Path.of(path), size, settings.blockBytes());
    }
    if (settings.readOnly()) {
      throw new IllegalArgumentException("access=read is for drives that are files");
    }
    if (size.isEmpty()) {
      throw new IllegalArgumentException(address + " needs its size; add ?size=1G");
    }
    return path.equals("memory")
        ? new MemoryBackend(size.getAsLong())
        : new NullBackend(size.getAsLong());
  }

  private static long size(String text, DriveSettings settings) {
    long size = Units.parseSize(text);
    if (size <= 0 || size % settings.blockBytes() != 0) {
      throw new IllegalArgumentException(
          "size=" + text + ": must be whole blocks of " + settings.blockBytes() + " bytes");
    }
    // Says what is wrong with the namespaces before anything is made.
    settings.namespaceBlocks(size);
    return size;
  }

  private static boolean ownThread(Map<String, String> options) {
    return switch (choice(options, "thread", "auto", "own", "shared", "auto")) {
      case "own" -> true;
      case "shared" -> false;
      default -> Runtime.getRuntime().availableProcessors() >= PROCESSORS_FOR_OWN_THREAD;
    };
  }

  private static String choice(
      Map<String, String> options, String name, String otherwise, String... allowed) {
    String value = options.getOrDefault(name, otherwise);
    if (!List.of(allowed).contains(value)) {
      throw new IllegalArgumentException(
          name + "=" + value + ": must be one of " + String.join(", ", allowed));
    }
    return value;
  }

  private static int number(Map<String, String> options, String name, int otherwise) {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + "=" + value + ": must be a number", e);
    }
  }
}

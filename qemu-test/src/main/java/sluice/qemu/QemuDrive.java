package sluice.qemu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.support.text.Units;

/**
 * What drive a machine shall have: one NVMe controller with one namespace or more. Every method
 * returns this, so that calls chain; what was not said is as QEMU has it.
 */
public final class QemuDrive {
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private final List<Namespace> namespaces = new ArrayList<>(List.of(new Namespace(1)));
  private String binary = "qemu-system-x86_64";
  private long memory = 512 << 20;
  private Duration deadline = Duration.ofSeconds(20);

  public QemuDrive() {
    property("serial", "sluice-qemu");
  }

  /** Size of the first namespace: {@code 64M}, which is what it is if not said. */
  public QemuDrive size(String size) {
    first().size(size);
    return this;
  }

  /** Bytes in a logical block of the first namespace; 512 if not said. */
  public QemuDrive lba(int bytes) {
    first().lba(bytes);
    return this;
  }

  /** The first namespace, for what is not offered here. */
  public QemuDrive first(Consumer<Namespace> describe) {
    describe.accept(first());
    return this;
  }

  /** Adds a namespace; ids count from 1 in the order of addition. */
  public QemuDrive namespace(Consumer<Namespace> describe) {
    Namespace namespace = new Namespace(namespaces.size() + 1);
    describe.accept(namespace);
    namespaces.add(namespace);
    return this;
  }

  /** The serial number, at most 20 characters. */
  public QemuDrive serial(String serial) {
    return property("serial", serial);
  }

  /** How many pairs of I/O queues the controller offers; 64 if not said. */
  public QemuDrive ioQueuePairs(int pairs) {
    return property("max_ioqpairs", pairs);
  }

  /** How many MSI-X vectors it has; 65 if not said. */
  public QemuDrive msixVectors(int vectors) {
    return property("msix_qsize", vectors);
  }

  /**
   * Any property of {@code -device nvme}, for example {@code mdts}.
   *
   * @param value a string, a number, or a boolean
   */
  public QemuDrive property(String name, Object value) {
    properties.put(name, value);
    return this;
  }

  /** The machine's memory, from which DMA memory is taken; 512M if not said, at most 2G. */
  public QemuDrive memory(String size) {
    memory = Units.parseSize(size);
    return this;
  }

  /** Which QEMU to run: a name on the PATH, or a path. */
  public QemuDrive binary(String binary) {
    this.binary = binary;
    return this;
  }

  /** How long QEMU may take to start, and to answer a request; 20 s if not said. */
  public QemuDrive deadline(Duration deadline) {
    this.deadline = deadline;
    return this;
  }

  Map<String, Object> properties() {
    return properties;
  }

  List<Namespace> namespaces() {
    return namespaces;
  }

  String binary() {
    return binary;
  }

  long memory() {
    return memory;
  }

  Duration deadline() {
    return deadline;
  }

  private Namespace first() {
    return namespaces.getFirst();
  }

  /** A namespace of the drive. Its bytes are a sparse file that ends with the machine. */
  public static final class Namespace {
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private long size = 64 << 20;
    private Path image;
    private String filter;

    private Namespace(int nsid) {
      property("nsid", nsid);
      lba(512);
    }

    /** Size: {@code 64M}, which is what it is if not said. */
    public Namespace size(String size) {
      this.size = Units.parseSize(size);
      return this;
    }

    /** Bytes in a logical block; 512 if not said. */
    public Namespace lba(int bytes) {
      property("logical_block_size", bytes);
      return property("physical_block_size", bytes);
    }

    /** Any property of {@code -device nvme-ns}, for example {@code ms} or {@code zoned}. */
    public Namespace property(String name, Object value) {
      properties.put(name, value);
      return this;
    }

    /** Takes an existing file as the namespace's bytes, and leaves it there at the end. */
    public Namespace image(Path file) {
      this.image = file;
      return this;
    }

    /**
     * Puts one of QEMU's filters between the controller and the bytes, for example {@code
     * driver=blkdebug,inject-error.0.event=none,inject-error.0.sector=8}.
     */
    public Namespace filter(String options) {
      this.filter = options;
      return this;
    }

    Map<String, Object> properties() {
      return properties;
    }

    long size() {
      return size;
    }

    Path image() {
      return image;
    }

    String filter() {
      return filter;
    }
  }
}

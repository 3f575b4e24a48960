package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;

/**
 * Whether a function that nothing translates for finds memory where a processor has it, and sees
 * what a processor wrote there: what drivers in user space have to take for granted.
 *
 * <p>On x86 it does. Elsewhere it depends on the board, whose device tree says so: in the node of
 * the function's host bridge or one above,
 *
 * <pre>
 *   dma-coherent    a device sees what is in the processors' caches
 *   dma-ranges      address of the device, the same place's address one bus further up, size
 * </pre>
 *
 * A machine without a device tree is described by ACPI; servers of that kind are coherent and have
 * memory at one address for all (Arm Base System Architecture).
 */
public final class DirectDma {
  /** An address of PCI has three; none has more than this. */
  private static final int MOST_CELLS = 4;

  private static final String COHERENT = "dma-coherent";
  private static final String INCOHERENT = "dma-noncoherent";

  private DirectDma() {}

  /**
   * Why a function cannot be used without an IOMMU on this machine.
   *
   * @return the end of a sentence that begins with the function; empty if it can be used
   */
  public static Optional<String> refusal(PciDevice function) {
    return refusal(function, System.getProperty("os.arch"));
  }

  static Optional<String> refusal(PciDevice function, String architecture) {
    if (architecture.equals("amd64") || architecture.equals("x86_64")) {
      return Optional.empty();
    }
    Host host = function.host();
    Optional<String> board = IommuAdvice.board(host);
    if (board.isPresent()) {
      return Optional.of(
          "cannot be used on a "
              + board.get()
              + ": without an IOMMU its PCI Express neither has memory at the processors'"
              + " addresses nor sees their caches");
    }
    if (!Files.isDirectory(host.path("sys/firmware/devicetree/base"))) {
      return Optional.empty();
    }
    try {
      return inDeviceTree(function);
    } catch (IOException e) {
      return Optional.of("cannot be used without an IOMMU: its device tree cannot be read: " + e);
    }
  }

  private static Optional<String> inDeviceTree(PciDevice function) throws IOException {
    Optional<Path> node = node(function);
    if (node.isEmpty()) {
      return Optional.of(
          "cannot be used without an IOMMU: this board's device tree does not say how it reaches"
              + " memory");
    }
    Path top = function.host().path("sys/firmware/devicetree/base").toRealPath();
    if (!isCoherent(node.get(), top)) {
      return Optional.of(
          "cannot be used without an IOMMU: on this board its PCI Express does not see the"
              + " processors' caches (no dma-coherent in "
              + name(top, node.get())
              + ")");
    }
    for (Path at = node.get(); !at.equals(top); at = at.getParent()) {
      if (!isIdentity(at)) {
        return Optional.of(
            "cannot be used without an IOMMU: on this board its PCI Express has memory at other"
                + " addresses than the processors (dma-ranges of "
                + name(top, at)
                + ")");
      }
    }
    return Optional.empty();
  }

  /** The node of the function, or of the bridge nearest to it that has one. */
  private static Optional<Path> node(PciDevice function) throws IOException {
    Path top = function.host().path("sys/devices").toRealPath();
    for (Path at = function.path().toRealPath();
        at.startsWith(top) && !at.equals(top);
        at = at.getParent()) {
      if (Files.exists(at.resolve("of_node"))) {
        return Optional.of(at.resolve("of_node").toRealPath());
      }
    }
    return Optional.empty();
  }

  private static String name(Path top, Path node) {
    return "/" + top.relativize(node);
  }

  /** As Linux asks: the nearest node that says anything decides, and none says no. */
  private static boolean isCoherent(Path node, Path top) {
    for (Path at = node; at.startsWith(top); at = at.getParent()) {
      if (Files.exists(at.resolve(COHERENT))) {
        return true;
      }
      if (Files.exists(at.resolve(INCOHERENT))) {
        return false;
      }
    }
    return false;
  }

  /**
   * Whether a bus leaves addresses as they are: it says nothing of them, or maps each to itself.
   */
  private static boolean isIdentity(Path bus) throws IOException {
    Path ranges = bus.resolve("dma-ranges");
    if (!Files.exists(ranges)) {
      return true;
    }
    ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(ranges));
    int child = cells(bus, "#address-cells", 2);
    int parent = cells(bus.getParent(), "#address-cells", 2);
    int size = cells(bus, "#size-cells", 1);
    int entry = Integer.BYTES * (child + parent + size);
    if (entry == 0) {
      return !words.hasRemaining();
    }
    while (words.remaining() >= entry) {
      // The first word of an address of PCI says what kind of address it is.
      if (child == 3) {
        words.getInt();
      }
      long from = number(words, child == 3 ? 2 : child);
      long to = number(words, parent);
      long _ = number(words, size);
      if (from != to) {
        return false;
      }
    }
    return !words.hasRemaining();
  }

  private static int cells(Path node, String property, int otherwise) throws IOException {
    Path file = node.resolve(property);
    if (!Files.exists(file)) {
      return otherwise;
    }
    byte[] bytes = Files.readAllBytes(file);
    int cells = bytes.length == Integer.BYTES ? ByteBuffer.wrap(bytes).getInt() : -1;
    if (cells < 0 || cells > MOST_CELLS) {
      throw new IOException(file + " is no number of cells");
    }
    return cells;
  }

  private static long number(ByteBuffer words, int cells) {
    long value = 0;
    for (int i = 0; i < cells; i++) {
      value = value << 32 | Integer.toUnsignedLong(words.getInt());
    }
    return value;
  }
}

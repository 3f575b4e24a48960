package sluice.vfio.vfiouser;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import sluice.support.linux.Downcall;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.abi.Interrupts;
import sluice.vfio.abi.RegionInfo;

/**
 * What a client asks of a server, one method each. Every reply is checked before it is believed;
 * one that cannot be ends the conversation. Thread-safe.
 */
final class ClientRequests {
  /** MSI-X has no more (PCI Local Bus 3.0, section 6.8.2). */
  private static final int MOST_VECTORS = 2048;

  private static final int REGION_INFO_BYTES = 256;
  private static final int MOST_REGION_INFO_BYTES = 64 << 10;
  private static final int INTERRUPTS_BYTES = Interrupts.SET_DATA;

  private final Conversation conversation;
  private final ReentrantLock lock;

  /** How many descriptors the server takes with a message. */
  private int maxDescriptors = 1;

  /** Whether it takes several writes with a message. */
  private boolean canWriteMultiple;

  ClientRequests(Conversation conversation) {
    this.conversation = conversation;
    this.lock = conversation.lock();
  }

  /** The server, as errors name it. */
  String name() {
    return conversation.name();
  }

  /** What a server says of its device. */
  record Device(boolean canReset, int regions, int interrupts) {}

  /** A server's version, and the socket for its own requests; that is -1 or the caller's. */
  record Greeting(Version version, int twinFd) {}

  /** Tells the server what this client can do; the first request. */
  Greeting version(Version own) {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      int bytes = ask(Command.VERSION, own.write(socket.body(), false), "0." + own.minor());
      Version version;
      try {
        version = Version.read(socket.received(), bytes);
      } catch (VfioUserException e) {
        throw nonsense(Command.VERSION, e.getMessage());
      }
      checkVersion(own, version);
      maxDescriptors = version.maxDescriptors();
      canWriteMultiple = own.canWriteMultiple() && version.canWriteMultiple();
      if (!version.hasTwinSocket()) {
        return new Greeting(version, -1);
      }
      int index = version.twinSocketIndex();
      if (index >= socket.descriptors()) {
        throw nonsense(Command.VERSION, "a twin socket, but not its descriptor");
      }
      return new Greeting(version, socket.takeDescriptor(index));
    } finally {
      lock.unlock();
    }
  }

  private void checkVersion(Version own, Version version) {
    if (version.major() != own.major() || version.minor() > own.minor()) {
      throw nonsense(
          Command.VERSION,
          "version " + version.major() + "." + version.minor() + ", which is not spoken here");
    }
    if (version.maxTransfer() < Long.BYTES) {
      throw nonsense(Command.VERSION, version.maxTransfer() + " bytes at a time, too few");
    }
    if ((version.pageSizes() & (2L * Linux.pageSize() - 1)) == 0) {
      throw nonsense(
          Command.VERSION,
          String.format("pages of 0x%x bytes, all larger than memory's", version.pageSizes()));
    }
  }

  Device device() {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      DeviceInfo.write(socket.body(), 0, 0, 0);
      int bytes = ask(Command.DEVICE_GET_INFO, DeviceInfo.BYTES, "");
      requireBytes(Command.DEVICE_GET_INFO, bytes, DeviceInfo.BYTES);
      long info = socket.received();
      if ((DeviceInfo.flags(info) & DeviceInfo.FLAG_PCI) == 0) {
        throw nonsense(Command.DEVICE_GET_INFO, "a device that is no PCI device");
      }
      return new Device(
          (DeviceInfo.flags(info) & DeviceInfo.FLAG_RESET) != 0,
          DeviceInfo.regions(info),
          DeviceInfo.interrupts(info));
    } finally {
      lock.unlock();
    }
  }

  /** Asks for a region, and maps what the server shares of it. */
  Region region(int index) {
    lock.lock();
    try {
      int room = REGION_INFO_BYTES;
      int bytes = askRegion(index, room);
      int argsz = OffHeap.getInt(conversation.socket().received() + RegionInfo.ARGSZ);
      if (argsz > room && argsz <= MOST_REGION_INFO_BYTES) {
        room = argsz;
        bytes = askRegion(index, room);
        argsz = OffHeap.getInt(conversation.socket().received() + RegionInfo.ARGSZ);
      }
      if (argsz < RegionInfo.BYTES || argsz > bytes) {
        throw nonsense(
            Command.DEVICE_GET_REGION_INFO,
            "a region of " + Integer.toUnsignedString(argsz) + " bytes in a body of " + bytes);
      }
      return mapRegion(bytes);
    } finally {
      lock.unlock();
    }
  }

  private int askRegion(int index, int room) {
    MessageSocket socket = conversation.socket();
    OffHeap.zero(socket.body(), RegionInfo.BYTES);
    OffHeap.putInt(socket.body() + RegionInfo.ARGSZ, room);
    OffHeap.putInt(socket.body() + RegionInfo.INDEX, index);
    int bytes = ask(Command.DEVICE_GET_REGION_INFO, RegionInfo.BYTES, "region " + index);
    requireBytes(Command.DEVICE_GET_REGION_INFO, bytes, RegionInfo.BYTES);
    if (OffHeap.getInt(socket.received() + RegionInfo.INDEX) != index) {
      throw nonsense(Command.DEVICE_GET_REGION_INFO, "another region than " + index);
    }
    return bytes;
  }

  private Region mapRegion(int bytes) {
    MessageSocket socket = conversation.socket();
    try {
      RegionInfo info = RegionInfo.parseUntrusted(OffHeap.segment(socket.received(), bytes));
      if (info.areas().isEmpty()) {
        return Region.unmapped(info.size());
      }
      if (socket.descriptors() == 0) {
        throw new VfioUserException("a region to be mapped, but not its descriptor");
      }
      // The socket closes it with the next message.
      return Region.map(info, socket.descriptor(0));
    } catch (IllegalArgumentException | VfioUserException e) {
      throw nonsense(Command.DEVICE_GET_REGION_INFO, e.getMessage());
    }
  }

  /** How many MSI-X vectors the server can raise events for. */
  int vectors() {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      OffHeap.zero(socket.body(), Interrupts.INFO_BYTES);
      OffHeap.putInt(socket.body(), Interrupts.INFO_BYTES);
      OffHeap.putInt(socket.body() + Interrupts.INFO_INDEX, Interrupts.MSIX);
      int bytes = ask(Command.DEVICE_GET_IRQ_INFO, Interrupts.INFO_BYTES, "MSI-X");
      requireBytes(Command.DEVICE_GET_IRQ_INFO, bytes, Interrupts.INFO_BYTES);
      int count = Interrupts.eventCount(OffHeap.segment(socket.received(), Interrupts.INFO_BYTES));
      if (count < 0 || count > MOST_VECTORS) {
        throw nonsense(
            Command.DEVICE_GET_IRQ_INFO, Integer.toUnsignedString(count) + " MSI-X vectors");
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Lets the server raise events for MSI-X vectors, from the first on. */
  void setVectors(int... events) {
    lock.lock();
    try {
      int most = Math.min(maxDescriptors, LocalSocket.MAX_DESCRIPTORS);
      for (int start = 0; start < events.length; start += most) {
        int count = Math.min(most, events.length - start);
        long body = conversation.socket().body();
        OffHeap.putInt(body, INTERRUPTS_BYTES);
        OffHeap.putInt(
            body + Interrupts.FLAGS, Interrupts.DATA_EVENTFD | Interrupts.ACTION_TRIGGER);
        OffHeap.putInt(body + Interrupts.SET_INDEX, Interrupts.MSIX);
        OffHeap.putInt(body + Interrupts.SET_START, start);
        OffHeap.putInt(body + Interrupts.SET_COUNT, count);
        int _ =
            ask(
                Command.DEVICE_SET_IRQS,
                INTERRUPTS_BYTES,
                "vectors " + start + " to " + (start + count - 1),
                Arrays.copyOfRange(events, start, start + count));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads a register of a region.
   *
   * @param bytes 1, 2, 4 or 8
   * @return all ones if the server refuses, or is not there any more
   */
  long read(int region, long offset, int bytes) {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      RegionAccess.write(socket.body(), offset, region, bytes);
      int answered = conversation.ask(Command.REGION_READ, RegionAccess.BYTES);
      if (answered < 0) {
        return -1;
      }
      checkAccess(Command.REGION_READ, answered, bytes, region, offset, bytes);
      long data = RegionAccess.data(socket.received());
      return switch (bytes) {
        case Byte.BYTES -> OffHeap.getByte(data);
        case Short.BYTES -> OffHeap.getShort(data);
        case Integer.BYTES -> OffHeap.getInt(data);
        default -> OffHeap.getLong(data);
      };
    } catch (VfioUserException e) {
      return -1; // Whoever reads this asks whether the function is there.
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a register of a region. A server that refuses is believed nothing any more; one that is
   * not there is not told.
   *
   * @param bytes 1, 2, 4 or 8
   */
  void write(int region, long offset, int bytes, long value) {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      RegionAccess.write(socket.body(), offset, region, bytes);
      OffHeap.putLong(RegionAccess.data(socket.body()), value);
      int answered = conversation.ask(Command.REGION_WRITE, RegionAccess.BYTES + bytes);
      if (answered < 0) {
        throw refusedWrite(Command.REGION_WRITE, region, offset);
      }
      checkAccess(Command.REGION_WRITE, answered, 0, region, offset, bytes);
    } catch (VfioUserException e) {
      // Whoever looks for an effect finds that the function is not there.
    } finally {
      lock.unlock();
    }
  }

  /** Writes a register of 8 bytes in its halves, low half first, which every device takes. */
  void writeHalves(int region, long offset, long value) {
    if (!canWriteMultiple) {
      write(region, offset, Integer.BYTES, value);
      write(region, offset + Integer.BYTES, Integer.BYTES, value >>> Integer.SIZE);
      return;
    }
    lock.lock();
    try {
      long body = conversation.socket().body();
      RegionWrites.putCount(body, 2);
      putHalf(RegionWrites.write(body, 0), region, offset, (int) value);
      long high = offset + Integer.BYTES;
      putHalf(RegionWrites.write(body, 1), region, high, (int) (value >>> Integer.SIZE));
      int bytes = RegionWrites.COUNT_BYTES + 2 * RegionWrites.WRITE_BYTES;
      int answered = conversation.ask(Command.REGION_WRITE_MULTI, bytes);
      if (answered < 0) {
        throw refusedWrite(Command.REGION_WRITE_MULTI, region, offset);
      }
      requireBytes(Command.REGION_WRITE_MULTI, answered, RegionWrites.COUNT_BYTES);
      if (RegionWrites.count(conversation.socket().received()) != 2) {
        throw nonsense(Command.REGION_WRITE_MULTI, "other writes than were asked for");
      }
    } catch (VfioUserException e) {
      // As in a single write.
    } finally {
      lock.unlock();
    }
  }

  private static void putHalf(long write, int region, long offset, int value) {
    RegionAccess.write(write, offset, region, Integer.BYTES);
    OffHeap.putLong(RegionAccess.data(write), Integer.toUnsignedLong(value));
  }

  private VfioUserException refusedWrite(int command, int region, long offset) {
    return conversation.end(refusal(command, String.format("0x%x of region %d", offset, region)));
  }

  private void checkAccess(
      int command, int answered, int data, int region, long offset, int bytes) {
    requireBytes(command, answered, RegionAccess.BYTES + data);
    long reply = conversation.socket().received();
    if (RegionAccess.region(reply) != region
        || RegionAccess.offset(reply) != offset
        || RegionAccess.count(reply) != bytes) {
      throw nonsense(command, "another access than was asked for");
    }
  }

  /**
   * Tells the server of memory.
   *
   * @param others how many pieces of memory it knows already, for a refusal
   */
  void map(int fd, long fdOffset, long iova, long size, int others) {
    lock.lock();
    try {
      int flags = DmaRange.FLAG_READABLE | DmaRange.FLAG_WRITABLE;
      DmaRange.writeMap(conversation.socket().body(), flags, fdOffset, iova, size);
      String detail = memory(iova, size) + ", besides " + others + " pieces of memory";
      int _ = ask(Command.DMA_MAP, DmaRange.MAP_BYTES, detail, fd);
    } finally {
      lock.unlock();
    }
  }

  /** Takes memory away from the server; from one that is not there any more it is gone already. */
  void unmap(long iova, long size) {
    lock.lock();
    try {
      MessageSocket socket = conversation.socket();
      DmaRange.writeUnmap(socket.body(), 0, iova, size);
      int bytes = conversation.ask(Command.DMA_UNMAP, DmaRange.UNMAP_BYTES);
      if (bytes < 0) {
        throw conversation.end(refusal(Command.DMA_UNMAP, memory(iova, size)));
      }
      requireBytes(Command.DMA_UNMAP, bytes, DmaRange.UNMAP_BYTES);
      long reply = socket.received();
      if (DmaRange.unmapIova(reply) != iova || DmaRange.unmapSize(reply) != size) {
        throw nonsense(Command.DMA_UNMAP, "another range than was asked for");
      }
    } catch (VfioUserException e) {
      // It reaches the memory no more by messages, and what it has mapped is a file of its own.
    } finally {
      lock.unlock();
    }
  }

  private static String memory(long iova, long size) {
    return String.format("%d bytes at iova 0x%x", size, iova);
  }

  void reset() {
    lock.lock();
    try {
      int _ = ask(Command.DEVICE_RESET, 0, "");
    } finally {
      lock.unlock();
    }
  }

  /** Asks what a server has no reason to refuse. */
  private int ask(int command, int bodyBytes, String detail, int... fds) {
    int bytes = conversation.ask(command, bodyBytes, fds);
    if (bytes < 0) {
      throw new VfioUserException(name() + ": " + refusal(command, detail));
    }
    return bytes;
  }

  private String refusal(int command, String detail) {
    return "the server refuses "
        + Downcall.failure(Command.name(command), detail, conversation.errno()).getMessage();
  }

  private void requireBytes(int command, int bytes, int wanted) {
    if (bytes < wanted) {
      throw nonsense(command, bytes + " bytes instead of " + wanted);
    }
  }

  /** Ends the conversation because of a reply that cannot be. */
  private VfioUserException nonsense(int command, String what) {
    return conversation.end("the server answers " + Command.name(command) + " with " + what);
  }
}

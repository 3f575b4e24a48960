package sluice.qemu.takeover;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import sluice.support.linux.Downcall;
import sluice.support.linux.Linux;

/**
 * Makes or removes a linear device of the device mapper, as dmsetup does (Linux: {@code
 * linux/dm-ioctl.h}): {@code DeviceMapper NAME [DISK SECTORS]}.
 *
 * <pre>
 *   0x000  version, 3 words
 *   0x00c  bytes in all
 *   0x010  where the data begins
 *   0x014  count of targets
 *   0x01c  flags
 *   0x030  name, 128 bytes
 *   0x138  a target: first sector, 8 | sectors, 8 | status, 4 | next, 4 | kind, 16 | parameters
 * </pre>
 */
final class DeviceMapper {
  private static final int HEADER_BYTES = 0x138;
  private static final int BYTES = 0x200;
  private static final int CREATE = 3;
  private static final int REMOVE = 4;
  private static final int RESUME = 6;
  private static final int LOAD = 9;

  private static final MethodHandle IOCTL =
      Downcall.variadicWithErrno(
          "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);

  private DeviceMapper() {}

  public static void main(String[] arguments) {
    int control = Linux.open("/dev/mapper/control", Linux.O_RDWR);
    if (arguments.length == 1) {
      call(control, REMOVE, arguments[0], null, 0);
      return;
    }
    call(control, CREATE, arguments[0], null, 0);
    call(control, LOAD, arguments[0], arguments[1] + " 0", Long.parseLong(arguments[2]));
    call(control, RESUME, arguments[0], null, 0);
  }

  private static void call(int control, int number, String name, String target, long sectors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(BYTES, Long.BYTES);
      request.set(JAVA_INT, 0, 4);
      request.set(JAVA_INT, 0x0c, BYTES);
      request.set(JAVA_INT, 0x10, HEADER_BYTES);
      request.setString(0x30, name);
      if (target != null) {
        request.set(JAVA_INT, 0x14, 1);
        request.set(JAVA_LONG, HEADER_BYTES + 8, sectors);
        request.setString(HEADER_BYTES + 24, "linear");
        request.setString(HEADER_BYTES + 40, target);
      }
      long code = 0xc000_0000L | (long) HEADER_BYTES << 16 | 0xfd << 8 | number;
      if ((int) IOCTL.invokeExact(Downcall.errnoSlot(), control, code, request.address()) != 0) {
        throw Downcall.failure("ioctl", "device mapper, " + number);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw Downcall.unexpected(t);
    }
  }
}

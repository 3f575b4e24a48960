package sluice.qemu.guest;

import java.nio.charset.StandardCharsets;

/**
 * How a command in a guest ended.
 *
 * @param status its exit status; 128 and a signal's number if one ended it
 * @param bytes all that it wrote, to standard output and error
 */
@SuppressWarnings("ArrayRecordComponent")
public record GuestResult(int status, byte[] bytes) {
  /** The output as text, without the line's end at its end. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
  }
}

package sluice.qemu.guest;

/** Says what takes long, so that whoever waits knows why: on standard error, a line each. */
final class Progress {
  private Progress() {}

  static void say(String line) {
    System.err.println("guest: " + line);
  }
}

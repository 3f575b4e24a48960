package sluice.qemu;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;

/**
 * QEMU's monitor protocol (QMP): what a test does to the machine rather than to the drive's
 * registers. Thread-safe; one command at a time.
 */
public final class Qmp {
  private final LineSocket socket;
  private final Deque<Map<?, ?>> events = new ArrayDeque<>();

  /** Greets QEMU's monitor on a socket to which it has connected. */
  public Qmp(LineSocket socket) {
    this.socket = socket;
    if (!receive().containsKey("QMP")) {
      throw new QemuException("QEMU's monitor sent no greeting");
    }
    Object _ = execute("qmp_capabilities");
  }

  /** Executes a command without arguments. */
  public Object execute(String command) {
    return execute(command, Map.of());
  }

  /**
   * Executes a command, for example {@code block_set_io_throttle}.
   *
   * @param arguments values are strings, numbers, booleans, lists and maps
   * @return its result: a map, list, string, number, boolean or null
   * @throws QemuException with QEMU's words if it refuses, ended, or does not answer in time
   */
  public synchronized Object execute(String command, Map<String, ?> arguments) {
    String request = write(Map.of("execute", command, "arguments", arguments)) + "\n";
    socket.send(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
    for (; ; ) {
      Map<?, ?> reply = receive();
      if (reply.containsKey("return")) {
        return reply.get("return");
      }
      if (reply.get("error") instanceof Map<?, ?> error) {
        throw new QemuException("QEMU refused " + command + ": " + error.get("desc"));
      }
      events.add(reply);
    }
  }

  /**
   * Waits for an event, or takes one that came before; other events stay for later calls.
   *
   * @param name for example {@code DEVICE_DELETED}
   * @return the event as QEMU sent it
   * @throws QemuException if QEMU ended, or none came in time
   */
  public synchronized Map<?, ?> awaitEvent(String name) {
    for (Iterator<Map<?, ?>> i = events.iterator(); i.hasNext(); ) {
      Map<?, ?> event = i.next();
      if (name.equals(event.get("event"))) {
        i.remove();
        return event;
      }
    }
    for (; ; ) {
      Map<?, ?> event = receive();
      if (name.equals(event.get("event"))) {
        return event;
      }
      events.add(event);
    }
  }

  private Map<?, ?> receive() {
    String line = StandardCharsets.UTF_8.decode(socket.receive()).toString();
    try {
      return JSON.std.mapFrom(line);
    } catch (IOException e) {
      throw new QemuException("QEMU's monitor sent no object: " + line, e);
    }
  }

  private static String write(Map<String, ?> request) {
    try {
      return JSON.std.asString(request);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot say to QEMU: " + request, e);
    }
  }
}

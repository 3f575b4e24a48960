package sluice.qemu.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A guest's first and only file system, which is in its memory: two archives, one behind the other.
 *
 * <pre>
 *   1  /java          the Java runtime, from the cache
 *   2  /init          the first process, and /commands.sh, which takes commands
 *      /bin           busybox under all its names, java, and the commands
 *      /modules       the kernel's modules, and "order"
 *      /app           what is on the class path, and "classpath"
 *      /commands      programs in Java, a directory each
 * </pre>
 *
 * <p>They are not compressed: unpacking would take the emulated processor longer than all else.
 */
final class Initramfs {
  private static final int CONSOLE_MAJOR = 5;
  private static final int CONSOLE_MINOR = 1;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private Initramfs() {}

  /**
   * Writes the file.
   *
   * @param token what the first process marks its answers with
   */
  static void write(GuestMachine machine, String token, Path file) throws IOException {
    Path runtime = JavaRuntime.archive();
    try (FileChannel from = FileChannel.open(runtime);
        FileChannel to =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < from.size(); ) {
        at += from.transferTo(at, from.size() - at, to);
      }
    }
    Path own = Files.createTempFile(file.getParent(), "initramfs-", ".cpio");
    try {
      try (CpioArchive cpio = new CpioArchive(own)) {
        addSystem(cpio, machine, token);
        addClassPath(cpio, machine.classPath());
        addCommands(cpio, machine.commands());
        addFiles(cpio, machine);
      }
      Files.write(file, Files.readAllBytes(own), StandardOpenOption.APPEND);
    } finally {
      Files.delete(own);
    }
  }

  private static void addSystem(CpioArchive cpio, GuestMachine machine, String token)
      throws IOException {
    for (String directory : List.of("dev", "proc", "sys", "tmp", "root", "run", "mnt", "out")) {
      cpio.directory(directory);
    }
    cpio.characterDevice("dev/console", 0600, CONSOLE_MAJOR, CONSOLE_MINOR);
    cpio.file(
        "etc/passwd",
        0644,
        bytes("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n"));
    cpio.file("etc/hosts", 0644, bytes("127.0.0.1 localhost guest\n"));
    cpio.file("etc/group", 0644, bytes("root:x:0:\nuser:x:1000:\n"));
    cpio.file("token", 0600, bytes(token));
    cpio.file("init", 0755, resource("init.sh"));
    cpio.file("commands.sh", 0755, resource("commands.sh"));
    cpio.file("bin/standby.sh", 0755, resource("standby.sh"));
    addBusybox(cpio);
    StringBuilder order = new StringBuilder();
    List<Path> modules = new ArrayList<>(machine.kernel().vfioModules());
    for (Path module : machine.kernel().modules(machine.modules())) {
      if (!modules.contains(module)) {
        modules.add(module);
      }
    }
    for (Path module : modules) {
      String name = module.getFileName().toString();
      cpio.file("modules/" + name, module);
      order.append(name).append('\n');
    }
    cpio.file("modules/order", 0644, bytes(order.toString()));
  }

  private static void addBusybox(CpioArchive cpio) throws IOException {
    Path busybox = Busybox.program();
    cpio.file("bin/busybox", busybox);
    for (String name : Tool.run(Path.of("/"), DEADLINE, List.of(busybox.toString(), "--list"))) {
      if (!name.equals("busybox")) {
        cpio.link("bin/" + name, "busybox");
      }
    }
  }

  private static void addClassPath(CpioArchive cpio, List<Path> entries) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path entry : entries) {
      String name = "app/" + names.size() + "-" + entry.getFileName();
      if (Files.isDirectory(entry)) {
        cpio.tree(name, entry);
      } else {
        cpio.file(name, entry);
      }
      names.add("/" + name);
    }
    cpio.file("app/classpath", 0644, bytes(String.join(":", names)));
    cpio.file("bin/java", 0755, resource("java.sh"));
  }

  private static void addCommands(CpioArchive cpio, Map<String, JavaCommand> commands)
      throws IOException {
    for (Map.Entry<String, JavaCommand> each : commands.entrySet()) {
      String name = each.getKey();
      JavaCommand command = each.getValue();
      cpio.tree("commands/" + name, command.directory());
      cpio.file("bin/" + name, 0755, bytes(command.script(name)));
      cpio.file("bin/java-" + name, 0755, bytes(command.standbyJava(name)));
      cpio.file("bin/standby-" + name, 0755, bytes(command.standbyScript(name)));
    }
  }

  private static void addFiles(CpioArchive cpio, GuestMachine machine) throws IOException {
    for (Map.Entry<String, Path> file : machine.files().entrySet()) {
      String name = file.getKey().substring(1);
      if (Files.isDirectory(file.getValue())) {
        cpio.tree(name, file.getValue());
      } else {
        cpio.file(name, file.getValue());
      }
    }
    if (!machine.programs().isEmpty()) {
      Set<String> all = new TreeSet<>(SharedLibraries.of(machine.programs()));
      machine.programs().forEach(program -> all.add(program.toString()));
      for (String each : all) {
        cpio.file(each.substring(1), Path.of(each));
      }
    }
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = Initramfs.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

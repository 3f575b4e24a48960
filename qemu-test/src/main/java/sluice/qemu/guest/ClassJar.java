package sluice.qemu.guest;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * An entry of a class path, a directory or a jar, as a jar that an ahead-of-time cache can be made
 * for. It is not compressed, is of 1970, and has no classes that the cache would leave out for want
 * of the stack maps (Java Virtual Machine Specification, 4.10) that Java 6 has introduced.
 */
final class ClassJar {
  private static final int MAJOR_AT = 7;
  private static final String SUFFIX = ".class";

  private final Map<String, byte[]> content;

  private ClassJar(Map<String, byte[]> content) {
    this.content = content;
  }

  /** Writes the jar of an entry of a class path. */
  static void write(Path entry, Path jar) throws IOException {
    new ClassJar(Files.isDirectory(entry) ? ofDirectory(entry) : ofJar(entry)).write(jar);
    Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
  }

  private static Map<String, byte[]> ofDirectory(Path directory) throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(directory.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return content;
  }

  private static Map<String, byte[]> ofJar(Path jar) throws IOException {
    Map<String, byte[]> content = new TreeMap<>();
    try (JarFile from = new JarFile(jar.toFile())) {
      for (JarEntry entry : from.stream().filter(entry -> !entry.isDirectory()).toList()) {
        try (InputStream in = from.getInputStream(entry)) {
          content.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return content;
  }

  private void write(Path jar) throws IOException {
    try (ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(jar)))) {
      for (Map.Entry<String, byte[]> each : content.entrySet()) {
        byte[] bytes = each.getValue();
        if (each.getKey().endsWith(SUFFIX) && bytes[MAJOR_AT] < ClassFile.JAVA_6_VERSION) {
          bytes = withStackMaps(bytes);
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ZipEntry entry = new ZipEntry(each.getKey());
        entry.setTime(0);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
      }
    }
  }

  private byte[] withStackMaps(byte[] bytes) {
    ClassFile format =
        ClassFile.of(
            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(this::open)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    MethodTransform code = MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL);
    return format.transformClass(
        format.parse(bytes),
        (to, element) -> {
          switch (element) {
            case ClassFileVersion _ -> to.withVersion(ClassFile.JAVA_8_VERSION, 0);
            case MethodModel method -> to.transformMethod(method, code);
            default -> to.with(element);
          }
        });
  }

  private InputStream open(ClassDesc type) {
    String descriptor = type.descriptorString();
    byte[] bytes = content.get(descriptor.substring(1, descriptor.length() - 1) + SUFFIX);
    return bytes == null ? null : new ByteArrayInputStream(bytes);
  }
}

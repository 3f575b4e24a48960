package sluice.qemu.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import sluice.qemu.QemuException;

/**
 * A Linux kernel for guests: its image, and the modules that belong to it.
 *
 * @param name as in the names of rigs and in messages
 * @param image what QEMU boots
 * @param modules the directory below which the modules are; null if all is built in
 */
public record GuestKernel(String name, Path image, Path modules) {
  static final String STOCK = "kernel-stock";

  private static final List<String> VFIO = List.of("vfio_iommu_type1", "vfio-pci");

  /**
   * Debian's kernel for virtual machines as it is, from its package {@code
   * linux-image-cloud-amd64}. It has VFIO's container and groups (type1) as modules.
   *
   * @throws QemuException if it is not in the cache and cannot be had
   */
  public static GuestKernel stock() {
    Path files =
        Cache.entry(
            STOCK,
            (path, work) -> {
              try (DebianPackages packages = DebianPackages.ofSystem(work)) {
                String name = packages.dependency("linux-image-cloud-amd64", "linux-image-");
                packages.unpack(name, path);
              }
            });
    Path image =
        find(files.resolve("boot"), name -> name.startsWith("vmlinuz-"))
            .orElseThrow(() -> new QemuException("no kernel is in " + files));
    return new GuestKernel("stock", image, files.resolve("lib/modules"));
  }

  /**
   * A kernel of version 6.12 that has what no stock one has: iommufd, VFIO's devices as files, and
   * VFIO without an IOMMU. It has no modules. The first time it is built, which takes minutes.
   *
   * @throws QemuException if it is not in the cache and cannot be built
   */
  public static GuestKernel small() {
    return new GuestKernel("small", SmallKernel.image(), null);
  }

  /**
   * @param name {@code stock} or {@code small}
   */
  public static GuestKernel named(String name) {
    return switch (name) {
      case "stock" -> stock();
      case "small" -> small();
      default -> throw new IllegalArgumentException("there is no kernel " + name);
    };
  }

  /** The modules to load for VFIO, in the order of loading. */
  List<Path> vfioModules() {
    return modules(VFIO);
  }

  /**
   * Modules by name, and those that they depend on, in the order of loading.
   *
   * @throws QemuException if one is neither a module nor, there being no modules, taken as built in
   */
  List<Path> modules(List<String> names) {
    if (modules == null) {
      return List.of();
    }
    Set<Path> order = new LinkedHashSet<>();
    for (String name : names) {
      addWithDependencies(name, order);
    }
    return new ArrayList<>(order);
  }

  private void addWithDependencies(String name, Set<Path> order) {
    Path module =
        find(modules, file -> file.replace('_', '-').equals(name.replace('_', '-') + ".ko"))
            .orElseThrow(
                () -> new QemuException("the kernel " + name() + " has no module " + name));
    if (!order.contains(module)) {
      for (String dependency : dependencies(module)) {
        addWithDependencies(dependency, order);
      }
      boolean _ = order.add(module);
    }
  }

  /** A module says what it depends on in its section .modinfo: {@code depends=a,b}, then NUL. */
  private static List<String> dependencies(Path module) {
    String content;
    try {
      content = Files.readString(module, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new QemuException("cannot read " + module + ": " + e.getMessage(), e);
    }
    String key = "\0depends=";
    int start = content.indexOf(key);
    if (start < 0) {
      return List.of();
    }
    String value = content.substring(start + key.length(), content.indexOf('\0', start + 1));
    return value.isEmpty() ? List.of() : List.of(value.split(","));
  }

  private static Optional<Path> find(Path root, java.util.function.Predicate<String> matches) {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> matches.test(file.getFileName().toString())).findFirst();
    } catch (IOException e) {
      throw new QemuException("cannot read " + root + ": " + e.getMessage(), e);
    }
  }
}

package sluice.vfio.kernel;

import java.util.Arrays;
import java.util.Locale;

/** What shall translate the device's addresses. */
public enum IommuChoice {
  /** The first of iommufd and type1 that this machine has and this user may use. */
  AUTO,

  /** An address space of iommufd, for functions that are files. */
  IOMMUFD,

  /** A type1 container, for functions in groups. */
  TYPE1,

  /**
   * Nothing: the device gets physical addresses and can write anywhere in memory. Needs a kernel
   * that was told to allow it, a privileged process, and huge pages; not to be had on boards whose
   * devices see memory otherwise than processors do ({@link sluice.vfio.takeover.DirectDma}). If
   * the process is killed with its drive at work, memory of others can be overwritten.
   */
  UNSAFE;

  /** The choice by its name as addresses have it. */
  public static IommuChoice named(String name) {
    for (IommuChoice choice : values()) {
      if (choice.toString().equals(name)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "there is no iommu '" + name + "', but " + Arrays.toString(values()));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

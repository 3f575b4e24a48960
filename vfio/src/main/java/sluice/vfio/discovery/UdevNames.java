package sluice.vfio.discovery;

import com.sun.jna.platform.linux.Udev;
import com.sun.jna.platform.linux.Udev.UdevContext;
import com.sun.jna.platform.linux.Udev.UdevDevice;
import java.util.Optional;

/**
 * Names from udev's database, which udev fills from its own tables when it finds a device. Where
 * udev does not run, the library is there but has no names.
 */
final class UdevNames implements DeviceNames {
  private final Udev udev;

  /**
   * @throws LinkageError if the system has no libudev
   */
  UdevNames() {
    udev = Udev.INSTANCE;
  }

  @Override
  public Optional<String> vendor(PciDevice function) {
    return property(function, "ID_VENDOR_FROM_DATABASE");
  }

  @Override
  public Optional<String> model(PciDevice function) {
    return property(function, "ID_MODEL_FROM_DATABASE");
  }

  private Optional<String> property(PciDevice function, String name) {
    UdevContext context = udev.udev_new();
    if (context == null) {
      return Optional.empty();
    }
    try {
      UdevDevice device = udev.udev_device_new_from_syspath(context, function.path().toString());
      if (device == null) {
        return Optional.empty();
      }
      try {
        return Optional.ofNullable(udev.udev_device_get_property_value(device, name))
            .filter(value -> !value.isBlank());
      } finally {
        udev.udev_device_unref(device);
      }
    } finally {
      udev.udev_unref(context);
    }
  }
}

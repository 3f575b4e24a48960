package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.PciDevice;

/** The files by which processes open a function that is bound to vfio-pci, and who has them. */
public final class VfioFiles {
  private final Host host;
  private final PciDevice function;

  public VfioFiles(PciDevice function) {
    this.host = function.host();
    this.function = function;
  }

  /** The files by which the function can be opened, as it is bound now. */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    OptionalInt group = function.iommuGroup();
    if (group.isPresent()) {
      String prefix = function.isGroupWithoutIommu() ? "noiommu-" : "";
      files.add(host.path("dev/vfio/" + prefix + group.getAsInt()));
    }
    function.vfioFile().ifPresent(name -> files.add(host.path("dev/vfio/devices/" + name)));
    return files.stream().filter(Files::exists).toList();
  }

  /** Which processes have the function open through VFIO. */
  public List<String> users() {
    return users(new OpenFiles(host));
  }

  List<String> users(OpenFiles openFiles) {
    return openFiles.users(
        files().stream().map(file -> "/" + host.path("").relativize(file)).toList());
  }

  /**
   * Finds a user of this system.
   *
   * @throws BindingException if there is none of that name
   */
  public static UserPrincipal user(String name) {
    try {
      return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
    } catch (IOException e) {
      throw new BindingException("there is no user '" + name + "' on this system", e);
    }
  }

  /**
   * Lets a user open the function without being root.
   *
   * @param listener told before what is done, as a line of shell
   * @throws BindingException if this process may not do it, or there is nothing to give
   */
  public void giveTo(UserPrincipal user, Consumer<String> listener) {
    List<Path> files = files();
    if (files.isEmpty()) {
      throw new BindingException(
          function
              + " is bound to vfio-pci, but "
              + user.getName()
              + " was given nothing: its file is not below /dev/vfio here; a container has to be"
              + " given the host's");
    }
    for (Path file : files) {
      listener.accept("chown " + user.getName() + " " + file);
      try {
        Files.setOwner(file, user);
      } catch (IOException e) {
        throw new BindingException(
            "cannot give " + file + " to " + user.getName() + ": run as root", e);
      }
    }
  }
}

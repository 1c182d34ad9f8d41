package dev.buildman;

import dev.buildman.model.HostId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Names the place whose processes this program can see. */
final class ThisHost {

  private static final List<Path> MACHINE_IDS =
      List.of(Path.of("/etc/machine-id"), Path.of("/var/lib/dbus/machine-id"));
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final int DIGITS = 16;

  private ThisHost() {}

  /**
   * The default of {@code HOST_ID}: containers of one image share a machine id, and pods of one
   * name a host name, so the process namespace counts as well.
   */
  static HostId id() {
    String text = machineId() + "\n" + name() + "\n" + pidNamespace();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new HostId(HexFormat.of().formatHex(hash).substring(0, DIGITS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** For people and for the names of managers. */
  static String name() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static String machineId() {
    for (Path file : MACHINE_IDS) {
      try {
        return Files.readString(file).strip();
      } catch (IOException e) {
        // The next place, or none: then the host's name has to do.
      }
    }
    return "";
  }

  private static String pidNamespace() {
    try {
      return Files.readSymbolicLink(PID_NAMESPACE).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}

package dev.buildman.executor.boot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A machine's disk as Ignition leaves it at the first boot. */
record Disk(Path root) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern WANTED_BY = Pattern.compile("(?m)^WantedBy=(\\S+)$");
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  /** Writes what a document says. */
  void ignite(String userData) throws IOException {
    JsonNode document = JSON.readTree(userData);
    for (JsonNode directory : document.at("/storage/directories")) {
      Path path = Files.createDirectories(in(directory.path("path").asText()));
      Files.setPosixFilePermissions(path, mode(directory.path("mode").asInt()));
    }
    for (JsonNode file : document.at("/storage/files")) {
      write(
          file.path("path").asText(),
          IgnitionRules.decoded(file.path("contents")),
          file.path("mode").asInt());
    }
    for (JsonNode unit : document.at("/systemd/units")) {
      unit(unit);
    }
  }

  private void unit(JsonNode unit) throws IOException {
    String name = unit.path("name").asText();
    String contents = unit.path("contents").asText();
    if (unit.has("contents")) {
      write("/etc/systemd/system/" + name, contents, 0644);
    }
    for (JsonNode dropin : unit.path("dropins")) {
      write(
          "/etc/systemd/system/" + name + ".d/" + dropin.path("name").asText(),
          dropin.path("contents").asText(),
          0644);
    }
    Matcher wanted = WANTED_BY.matcher(contents);
    if (unit.path("enabled").asBoolean() && wanted.find()) {
      Path wants = Files.createDirectories(in("/etc/systemd/system/" + wanted.group(1) + ".wants"));
      Files.createSymbolicLink(wants.resolve(name), Path.of("..", name));
    }
  }

  /** Writes a file of the machine's. */
  void write(String path, String text, int mode) throws IOException {
    Path file = in(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, mode(mode));
  }

  private Path in(String path) {
    return root.resolve(path.substring(1));
  }

  private static Set<PosixFilePermission> mode(int bits) {
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((bits >> bit & 1) == 1) {
        mode.add(BITS[bit]);
      }
    }
    return mode;
  }
}

package dev.buildman.executor.boot;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A document of Ignition, version 3.1: what of it our machines need. What is null or empty is left
 * out of its text.
 *
 * @see <a href="https://coreos.github.io/ignition/configuration-v3_1/">its specification</a>
 */
@JsonInclude(Include.NON_EMPTY)
record Ignition(
    About ignition, @Nullable Passwd passwd, @Nullable Storage storage, @Nullable Systemd systemd) {

  /** The oldest version in which a document can be packed; machines since 2020 read it. */
  static final String VERSION = "3.1.0";

  /** A document that only says where the true one is. */
  static Ignition replacedBy(Contents document) {
    return new Ignition(new About(VERSION, new Config(document)), null, null, null);
  }

  @JsonInclude(Include.NON_EMPTY)
  record About(String version, @Nullable Config config) {}

  /**
   * Where more of the document is.
   *
   * @param replace takes this document's place
   */
  record Config(Contents replace) {}

  record Passwd(List<User> users) {}

  @JsonInclude(Include.NON_EMPTY)
  record User(String name, List<String> sshAuthorizedKeys) {}

  @JsonInclude(Include.NON_EMPTY)
  record Storage(List<Directory> directories, List<File> files, List<Link> links) {}

  record Directory(String path, int mode) {}

  record Link(String path, String target, boolean hard) {}

  /**
   * A file.
   *
   * @param mode decimal in the text, as JSON has no octal numbers
   */
  record File(String path, boolean overwrite, int mode, Contents contents) {}

  /**
   * Where content comes from.
   *
   * @param compression of the source: null or {@code gzip}
   * @param source a data URL: a machine that boots may have no network yet
   */
  @JsonInclude(Include.NON_EMPTY)
  record Contents(@Nullable String compression, String source) {}

  record Systemd(List<Unit> units) {}

  @JsonInclude(Include.NON_EMPTY)
  record Unit(
      String name, @Nullable Boolean enabled, @Nullable String contents, List<Dropin> dropins) {

    /** One that the machine starts by itself. */
    static Unit enabled(String name, UnitFile contents) {
      return new Unit(name, true, contents.text(), List.of());
    }

    /** One that only another one starts. */
    static Unit started(String name, UnitFile contents) {
      return new Unit(name, null, contents.text(), List.of());
    }

    /** Adds to one that the machine has. */
    static Unit extended(String name, String dropin, UnitFile contents) {
      return new Unit(name, null, null, List.of(new Dropin(dropin, contents.text())));
    }
  }

  record Dropin(String name, String contents) {}
}

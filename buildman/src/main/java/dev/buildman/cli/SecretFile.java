package dev.buildman.cli;

import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads secrets from files, as an argument would stand in everybody's process list. */
final class SecretFile {

  private SecretFile() {}

  /** The file's text without the white space around it. */
  static Secret read(String option, Path file) {
    return Secret.of(readWhole(option, file).reveal().strip());
  }

  /** The file as it is: a private key needs its last newline. */
  static Secret readWhole(String option, Path file) {
    try {
      return Secret.of(Files.readString(file));
    } catch (IOException e) {
      throw new UsageException(option + ": cannot read " + file);
    }
  }
}

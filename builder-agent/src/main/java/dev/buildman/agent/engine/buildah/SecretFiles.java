package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Secrets and SSH keys as files that only this user reads, outside of the context, while buildah
 * builds. The command line names the files, never what is in them.
 */
final class SecretFiles {
  private final Path folder;
  private final RunInputs inputs;

  /**
   * @param folder does not exist yet
   */
  SecretFiles(Path folder, RunInputs inputs) {
    this.folder = folder;
    this.inputs = inputs;
  }

  /** Writes them and answers buildah's options for them. */
  List<String> write() throws IOException {
    if (inputs.secrets().isEmpty() && inputs.sshKeys().isEmpty()) {
      return List.of();
    }
    Files.createDirectory(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    List<String> options = new ArrayList<>();
    for (Map.Entry<String, byte[]> secret : inputs.secrets().entrySet()) {
      options.add(
          "--secret=id=%s,src=%s".formatted(secret.getKey(), file(secret.getValue(), options)));
    }
    for (Map.Entry<String, byte[]> key : inputs.sshKeys().entrySet()) {
      options.add(
          "--ssh=%s=%s".formatted(key.getKey(), file(withNewline(key.getValue()), options)));
    }
    return options;
  }

  private Path file(byte[] content, List<String> before) throws IOException {
    Path file = folder.resolve(String.valueOf(before.size()));
    write(file, content);
    return file;
  }

  /** OpenSSH takes no key without it, and clients tend to trim. */
  private static byte[] withNewline(byte[] key) {
    if (key.length > 0 && key[key.length - 1] == '\n') {
      return key;
    }
    byte[] longer = Arrays.copyOf(key, key.length + 1);
    longer[key.length] = '\n';
    return longer;
  }

  /** Removes them. */
  void remove() throws IOException {
    Folders.delete(folder);
  }

  /** A new file that only this user reads. */
  static void write(Path file, byte[] content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, content);
  }
}

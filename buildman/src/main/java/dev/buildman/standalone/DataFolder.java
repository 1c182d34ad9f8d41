package dev.buildman.standalone;

import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one standalone, held by one process at a time. What has to be the same after a
 * restart (ports, passwords) lies in it. Closing lets another process have it; so does a crash.
 */
public final class DataFolder implements AutoCloseable {

  private static final int SECRET_BYTES = 32;

  private final Path path;
  private final FileChannel channel;

  private DataFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Takes the folder; makes it when it is not there.
   *
   * @param pid of this process, for the one that comes second
   * @throws StandaloneRefused when another process has it, or it cannot be used
   */
  public static DataFolder take(Path path, long pid) {
    try {
      PrivateFile.createFolder(path);
      Path lock = path.resolve("lock");
      if (!Files.exists(lock)) {
        PrivateFile.write(lock, "");
      }
      FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (locked(channel) == null) {
        channel.close();
        throw new StandaloneRefused(
            "another standalone works in %s (pid %s); end it, or choose another folder with --data"
                .formatted(path, holder(lock)));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(Long.toString(pid).getBytes(StandardCharsets.UTF_8)));
      return new DataFolder(path.toRealPath(), channel);
    } catch (IOException e) {
      throw new StandaloneRefused("the folder " + path + " cannot be used", e);
    }
  }

  /** The folder itself. */
  public Path path() {
    return path;
  }

  /** The secret in a file of that name, made at the first time. */
  public Secret secret(String name) throws IOException {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      RandomGenerator random = new SecureRandom();
      byte[] bytes = new byte[SECRET_BYTES];
      random.nextBytes(bytes);
      PrivateFile.write(file, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "\n");
    }
    return Secret.of(Files.readString(file).strip());
  }

  /** Writes a file for the other programs of this user. */
  public Path write(String name, String text) throws IOException {
    Path file = path.resolve(name);
    PrivateFile.write(file, text);
    return file;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static @Nullable FileLock locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(Path lock) throws IOException {
    String pid = Files.readString(lock).strip();
    return pid.isEmpty() ? "unknown" : pid;
  }
}

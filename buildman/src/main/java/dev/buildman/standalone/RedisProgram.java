package dev.buildman.standalone;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis or Valkey server's program: one that is installed, else the one that came with us.
 *
 * @param origin for people: where it is from, and its version
 */
public record RedisProgram(Path executable, String origin) {

  private static final Logger log = LoggerFactory.getLogger(RedisProgram.class);
  private static final List<String> NAMES = List.of("redis-server", "valkey-server");
  private static final Pattern VERSION = Pattern.compile("\\bv=(\\d+)\\.(\\d+)\\.(\\d+)");
  private static final int OLDEST_MAJOR = 6;
  private static final int OLDEST_MINOR = 2;
  private static final String EMBEDDED = "redis-server-7.0.15";

  /**
   * Finds a program, version 6.2 or later.
   *
   * @param searchPath as the environment's {@code PATH}
   * @param unpackInto folder for the one that came with us
   * @throws StandaloneRefused when there is none for this machine
   */
  public static RedisProgram find(String searchPath, Path unpackInto) throws IOException {
    for (String name : NAMES) {
      for (String folder : searchPath.split(File.pathSeparator, -1)) {
        Path program = Path.of(folder.isEmpty() ? "." : folder, name);
        if (Files.isRegularFile(program) && Files.isExecutable(program)) {
          Optional<String> version = version(program).filter(RedisProgram::supported);
          if (version.isPresent()) {
            return new RedisProgram(program, program + " " + version.get());
          }
          log.info("program is left alone: program={}, needed=6.2 or later", program);
        }
      }
    }
    return embedded(unpackInto);
  }

  /**
   * The one that came with us, unpacked: statically linked on Linux.
   *
   * @throws StandaloneRefused when none came for this machine
   */
  public static RedisProgram embedded(Path unpackInto) throws IOException {
    String name = EMBEDDED + "-" + platform();
    Path program = unpackInto.resolve(name);
    try (InputStream content = RedisProgram.class.getResourceAsStream("/" + name)) {
      if (content == null) {
        throw new StandaloneRefused(
            "no redis-server or valkey-server 6.2 or later is on the PATH, and none for "
                + platform()
                + " came with this program; install one (Debian: apt-get install redis-server)");
      }
      if (!Files.isExecutable(program)) {
        Path fresh = Files.createTempFile(unpackInto, name, ".new");
        Files.copy(content, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(
            fresh, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return new RedisProgram(program, "the embedded Redis 7.0.15");
  }

  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os;
    if (Set.of("amd64", "x86_64").contains(arch)) {
      return system + "-amd64";
    }
    return system + "-" + (Set.of("aarch64", "arm64").contains(arch) ? "arm64" : "386");
  }

  private static Optional<String> version(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      Matcher matcher = VERSION.matcher(text);
      return matcher.find() ? Optional.of(matcher.group().substring(2)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static boolean supported(String version) {
    String[] parts = version.split("\\.", -1);
    int major = Integer.parseInt(parts[0]);
    int minor = Integer.parseInt(parts[1]);
    return major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR);
  }
}

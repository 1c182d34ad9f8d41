package dev.buildman.executor.ec2;

import dev.buildman.executor.Exit;
import dev.buildman.executor.LastLines;
import dev.buildman.executor.boot.MachineEnd;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.GetConsoleOutputRequest;

/**
 * What instances print on their consoles: all that is seen of their inside. Safe for use by several
 * threads.
 */
final class Consoles {
  private static final Logger log = LoggerFactory.getLogger(Consoles.class);
  private static final int REMEMBERED = 500;
  // "[   12.345678] buildman-worker[1234]: " before what a unit printed.
  private static final Pattern STAMP = Pattern.compile("^\\[ *\\d+\\.\\d+] ([\\w@.-]+\\[\\d+]: )?");
  private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;?]*[ -/]*[@-~]");

  private final Account account;
  private final Map<String, Exit> ends =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Exit> eldest) {
          return size() > REMEMBERED;
        }
      };

  Consoles(Account account) {
    this.account = account;
  }

  /** What it printed, oldest first; nothing where that cannot be read. */
  List<String> lines(String instance) {
    try {
      return read(instance, true);
    } catch (AwsServiceException e) {
      // Older kinds of machines show theirs only some time after they changed their state.
      return Ec2Answer.code(e).equals("UnsupportedOperation")
          ? posted(instance)
          : none(instance, e);
    } catch (RuntimeException e) {
      return none(instance, e);
    }
  }

  private List<String> posted(String instance) {
    try {
      return read(instance, false);
    } catch (RuntimeException e) {
      return none(instance, e);
    }
  }

  private List<String> none(String instance, RuntimeException e) {
    boolean expected = e instanceof SdkException || e instanceof IllegalArgumentException;
    if (!expected && !account.isClosed()) {
      throw e;
    }
    log.debug("console not read: instance={}, cause={}", instance, e.toString());
    return List.of();
  }

  private List<String> read(String instance, boolean latest) {
    String output =
        account
            .looks()
            .getConsoleOutput(
                GetConsoleOutputRequest.builder().instanceId(instance).latest(latest).build())
            .output();
    if (output == null || output.isEmpty()) {
      return List.of();
    }
    String text = new String(Base64.getMimeDecoder().decode(output), StandardCharsets.UTF_8);
    return text.lines()
        .map(line -> STAMP.matcher(ESCAPES.matcher(line).replaceAll("")).replaceFirst(""))
        .map(String::stripTrailing)
        .toList();
  }

  /** How its agent ended, if its console shows that. */
  Optional<Exit> end(String instance) {
    Optional<Exit> known = remembered(instance);
    if (known.isPresent()) {
      return known;
    }
    List<String> lines = lines(instance);
    if (!MachineEnd.isShown(lines)) {
      return Optional.empty();
    }
    Exit exit = new Exit(MachineEnd.read(lines), LastLines.masked(lines));
    remember(instance, exit);
    return Optional.of(exit);
  }

  /** What there is to say of one that has ended, whether or not its agent said a last word. */
  Exit whatever(String instance) {
    return remembered(instance)
        .orElseGet(
            () -> {
              List<String> lines = lines(instance);
              Exit exit = new Exit(MachineEnd.read(lines), LastLines.masked(lines));
              // A last word may be shown later.
              if (MachineEnd.isShown(lines)) {
                remember(instance, exit);
              }
              return exit;
            });
  }

  /** How its agent ended, if that was read before. */
  Optional<Exit> remembered(String instance) {
    synchronized (ends) {
      return Optional.ofNullable(ends.get(instance));
    }
  }

  private void remember(String instance, Exit exit) {
    synchronized (ends) {
      ends.put(instance, exit);
    }
  }
}

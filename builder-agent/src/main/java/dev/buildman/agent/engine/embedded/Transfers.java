package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Expansion;
import dev.buildman.agent.dockerfile.Heredoc;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.PathPattern;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.GitAdd;
import dev.buildman.agent.engine.GitTrees;
import dev.buildman.agent.engine.tree.Accounts;
import dev.buildman.agent.engine.tree.Archive;
import dev.buildman.agent.engine.tree.ContextReader;
import dev.buildman.agent.engine.tree.Copier;
import dev.buildman.agent.engine.tree.CopyRules;
import dev.buildman.agent.engine.tree.FileEntry;
import dev.buildman.agent.engine.tree.FileMode;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.engine.tree.LayerReader;
import dev.buildman.agent.engine.tree.Sources;
import dev.buildman.agent.engine.tree.TreeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** COPY, ADD and the folder of WORKDIR: what brings a layer. */
final class Transfers {

  private final BuildSetting setting;
  private final Stage stage;
  private final StageImage image;
  private final FileOrigins origins;

  Transfers(BuildSetting setting, Stage stage, StageImage image, FileOrigins origins) {
    this.setting = setting;
    this.stage = stage;
    this.image = image;
    this.origins = origins;
  }

  void copy(Instruction.Copy copy, Expansion expansion)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    int line = copy.line();
    Destination to = destination(copy.files(), copy.flags(), expansion, line);
    String from = copy.from();
    FileTree source = from == null ? origins.context() : origins.from(stage, from, line);
    int matched = 0;
    for (String word : expanded(copy.files().sources(), expansion, line)) {
      List<Sources.Match> matches = find(source, word, from, line);
      matched += matches.size();
      for (Sources.Match match : matches) {
        to.copier.copy(source, match, to.destination, to.into || matches.size() > 1);
      }
    }
    if (matched == 0 && !copy.files().sources().isEmpty()) {
      throw new TreeException(
          "no file fits " + String.join(" ", copy.files().sources()) + " in " + place(from));
    }
    addHeredocs(copy.files(), to, expansion, line);
    finish(to, copy);
  }

  void add(Instruction.Add add, Expansion expansion)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    int line = add.line();
    Destination to = destination(add.files(), add.flags(), expansion, line);
    String checksum = add.flags().get("checksum");
    for (String word : expanded(add.files().sources(), expansion, line)) {
      if (GitTrees.Address.is(word)) {
        addGit(word, add, checksum == null ? "" : expansion.word(checksum, line), to);
      } else if (RemoteFile.isUrl(word)) {
        addRemote(word, add, checksum == null ? null : expansion.word(checksum, line), to);
      } else if (checksum != null) {
        throw new DockerfileException(
            line, "--checksum is for sources that are URLs; " + word + " is none.");
      } else {
        addLocal(word, add, to);
      }
    }
    addHeredocs(add.files(), to, expansion, line);
    finish(to, add);
  }

  private void addLocal(String word, Instruction.Add add, Destination to)
      throws DockerfileException, TreeException, IOException {
    FileTree source = origins.context();
    boolean unpack = !"false".equals(add.flags().get("unpack"));
    List<Sources.Match> matches = find(source, word, null, add.line());
    if (matches.isEmpty()) {
      throw new TreeException("no file fits " + word + " in " + place(null));
    }
    for (Sources.Match match : matches) {
      FileEntry entry = source.get(match.path());
      Path file = origins.contextFile(match.path());
      if (unpack
          && entry != null
          && entry.body() instanceof FileEntry.Regular
          && Archive.isArchive(file)) {
        unpack(file, match.name(), to);
      } else {
        to.copier.copy(source, match, to.destination, to.into || matches.size() > 1);
      }
    }
  }

  private void unpack(Path file, String name, Destination to) throws TreeException, IOException {
    FileTree content;
    try {
      content = LayerReader.read(setting.store().open(file));
    } catch (TreeException e) {
      throw new TreeException("the archive " + name + " cannot be unpacked: " + e.getMessage());
    }
    to.copier.makeFolders(to.copier.resolve(to.destination), setting.fileTime());
    to.copier.copy(content, new Sources.Match("", "", ""), to.destination, true);
  }

  private void addGit(String source, Instruction.Add add, String checksum, Destination to)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    Map<String, String> flags =
        Map.of(
            "keep-git-dir",
            add.flags().getOrDefault("keep-git-dir", "false"),
            "checksum",
            checksum);
    Path folder =
        GitAdd.folder(setting.request().context().git(), source, flags, add.line(), setting.log());
    FileTree content = ContextReader.read(folder, IgnoreFile.ofPatterns(List.of(), add.line()));
    to.copier.makeFolders(to.copier.resolve(to.destination), setting.fileTime());
    to.copier.copy(content, new Sources.Match("", "", ""), to.destination, true);
  }

  private void addRemote(String url, Instruction.Add add, @Nullable String checksum, Destination to)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    RemoteFile remote = new RemoteFile(url, add.line());
    Path target = setting.store().temporary("remote-" + add.line() + "-" + to.remotes++);
    FileEntry entry = remote.fetch(target, checksum, setting.fileTime());
    if ("true".equals(add.flags().get("unpack")) && Archive.isArchive(target)) {
      unpack(target, remote.name(), to);
      return;
    }
    boolean inside = to.into || to.copier.isFolder(to.destination);
    if (inside && remote.name().isEmpty()) {
      throw new DockerfileException(
          add.line(),
          "the URL ends without a file name; write the file's name at the end of the destination.");
    }
    to.copier.file(inside ? to.destination + "/" + remote.name() : to.destination, entry);
  }

  /** The folder of WORKDIR, made when it is missing. */
  void makeFolder(Instruction.Workdir workdir, String path)
      throws TreeException, IOException, InterruptedException {
    Copier copier = new Copier(image.tree(), CopyRules.PLAIN);
    copier.makeFolders(path, setting.fileTime());
    if (copier.changes().isEmpty()) {
      image.config().addHistory(workdir.text(), setting.created());
    } else {
      Layer layer = setting.store().write(copier.changes());
      image.add(layer);
      image.config().addLayer(workdir.text(), setting.created(), layer.diffId());
    }
  }

  private Destination destination(
      Instruction.Transfer files, Map<String, String> flags, Expansion expansion, int line)
      throws DockerfileException, TreeException, IOException, InterruptedException {
    String written = expansion.word(files.destination(), line);
    if (written.isEmpty()) {
      throw new DockerfileException(
          line, "the destination is empty after variables were replaced.");
    }
    boolean folder =
        written.endsWith("/")
            || written.equals(".")
            || written.endsWith("/.")
            || written.endsWith("..");
    if (!folder && files.sources().size() + files.heredocs().size() > 1) {
      throw new DockerfileException(
          line,
          "with more than one source the destination is a folder; write it as " + written + "/.");
    }
    String destination =
        PathPattern.clean(
            written.startsWith("/") ? written : image.config().get("WorkingDir") + "/" + written);
    String chown = files.chown() == null ? null : expansion.word(files.chown(), line);
    boolean unseen =
        "true".equals(flags.get("link")) && (chown == null || !Accounts.hasNames(chown));
    FileTree target = unseen ? new FileTree() : image.tree();
    FileEntry.Owner owner = chown == null ? null : new Accounts(target).owner(chown);
    FileMode mode =
        files.chmod() == null ? null : FileMode.parse(expansion.word(files.chmod(), line));
    IgnoreFile exclude = IgnoreFile.ofPatterns(expanded(files.exclude(), expansion, line), line);
    CopyRules rules = new CopyRules(owner, mode, exclude, "true".equals(flags.get("parents")));
    return new Destination(new Copier(target, rules), destination, folder, unseen);
  }

  private void addHeredocs(
      Instruction.Transfer files, Destination to, Expansion expansion, int line)
      throws DockerfileException, TreeException {
    for (Heredoc heredoc : files.heredocs()) {
      String text = heredoc.expand() ? expansion.text(heredoc.text(), line) : heredoc.text();
      FileEntry entry =
          FileEntry.regular(text.getBytes(StandardCharsets.UTF_8), 0644, setting.fileTime());
      boolean inside = to.into || to.copier.isFolder(to.destination);
      to.copier.file(inside ? to.destination + "/" + heredoc.name() : to.destination, entry);
    }
  }

  private void finish(Destination to, Instruction instruction) throws IOException {
    Layer layer = setting.store().write(to.copier.changes());
    if (to.unseen) {
      image.addUnseen(layer);
    } else {
      image.add(layer);
    }
    image.config().addLayer(instruction.text(), setting.created(), layer.diffId());
  }

  private List<Sources.Match> find(FileTree source, String word, @Nullable String from, int line)
      throws TreeException, DockerfileException {
    try {
      return Sources.find(source, word, line);
    } catch (TreeException e) {
      boolean hidden = from == null && origins.isIgnored(PathPattern.clean(word));
      throw new TreeException(
          e.getMessage()
              + " in "
              + place(from)
              + (hidden ? ", as the ignore file leaves it out" : ""));
    }
  }

  private static String place(@Nullable String from) {
    return from == null ? "the context" : from;
  }

  private static List<String> expanded(List<String> words, Expansion expansion, int line)
      throws DockerfileException {
    List<String> result = new ArrayList<>();
    for (String word : words) {
      result.add(expansion.word(word, line));
    }
    return result;
  }

  /** One COPY or ADD under way. */
  private static final class Destination {
    private final Copier copier;
    private final String destination;
    private final boolean into;
    private final boolean unseen;
    private int remotes;

    Destination(Copier copier, String destination, boolean into, boolean unseen) {
      this.copier = copier;
      this.destination = destination;
      this.into = into;
      this.unseen = unseen;
    }
  }
}

package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Expansion;
import dev.buildman.agent.dockerfile.Heredoc;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Rewriting;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.GitTrees;
import dev.buildman.agent.engine.tree.Copier;
import dev.buildman.agent.engine.tree.CopyRules;
import dev.buildman.agent.engine.tree.FileEntry;
import dev.buildman.agent.engine.tree.FileMode;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.Sources;
import dev.buildman.agent.engine.tree.TreeException;
import dev.buildman.agent.engine.tree.TreeOnDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Does what buildah's COPY and ADD cannot: repositories, here-documents, {@code --parents}, {@code
 * --exclude} and symbolic modes. The files are laid out beside the context as they are to be, and a
 * plain COPY takes them from there.
 */
final class StagedCopy {
  private static final String INTO = "into"; // what goes into the destination
  private static final String ONE = "one"; // a file that may get the destination's name

  private final Path folder;
  private final String name;
  private final Instruction.Transfer files;
  private final Expansion expansion;
  private final int line;
  private final Repositories repositories;

  /** The files of a repository that a source names. */
  @FunctionalInterface
  interface Repositories {
    FileTree files(String source)
        throws EngineFailure, DockerfileException, IOException, InterruptedException;
  }

  /**
   * @param folder of all staged files
   * @param expansion with the variables as they are at the instruction
   * @param repositories asked for sources that are repositories
   */
  StagedCopy(
      Path folder,
      Instruction.Transfer files,
      Expansion expansion,
      int line,
      Repositories repositories) {
    this.folder = folder;
    this.repositories = repositories;
    this.name = "line" + line;
    this.files = files;
    this.expansion = expansion;
    this.line = line;
  }

  /** Whether the instruction is one for this class. */
  static boolean isNeeded(Instruction.Transfer files, Map<String, String> flags) {
    return !files.heredocs().isEmpty()
        || !files.exclude().isEmpty()
        || "true".equals(flags.get("parents"))
        || (files.chmod() != null && FileMode.isSymbolic(files.chmod()));
  }

  /**
   * Lays the files out.
   *
   * @param parents whether folders of the sources are kept
   * @param fileTime seconds since 1970, of here-documents
   * @param from name under which buildah knows the folder of all staged files
   * @return the instruction that copies them
   */
  String lay(FileTree context, boolean parents, long fileTime, String from)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    String chmod = files.chmod() == null ? "" : expansion.word(files.chmod(), line);
    boolean symbolic = !chmod.isEmpty() && FileMode.isSymbolic(chmod);
    CopyRules rules =
        new CopyRules(
            null,
            symbolic ? FileMode.parse(chmod) : null,
            IgnoreFile.ofPatterns(expanded(files.exclude()), line),
            parents);
    FileTree tree = new FileTree();
    String source = fill(new Copier(tree, rules), context, fileTime);
    Path own = Files.createDirectory(folder.resolve(name));
    TreeOnDisk.write(tree, own);
    String chown = files.chown();
    return "COPY --from=%s --chown=%s %s%s"
        .formatted(
            from,
            chown == null ? "0:0" : chown,
            chmod.isEmpty() || symbolic ? "" : "--chmod=" + chmod + " ",
            Rewriting.json(List.of(name + "/" + source, files.destination())));
  }

  private String fill(Copier copier, FileTree context, long fileTime)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    String destination = expansion.word(files.destination(), line);
    boolean folderWanted =
        destination.endsWith("/") || destination.equals(".") || destination.endsWith("/.");
    if (!folderWanted && files.sources().size() + files.heredocs().size() > 1) {
      throw new DockerfileException(
          line,
          "with more than one source the destination is a folder; write it as "
              + destination
              + "/.");
    }
    String one = "";
    int found = 0;
    for (String word : expanded(files.sources())) {
      if (GitTrees.Address.is(word)) {
        copier.copy(repositories.files(word), new Sources.Match("", "", ""), INTO, true);
        found++;
        continue;
      }
      List<Sources.Match> matches = Sources.find(context, word, line);
      found += matches.size();
      boolean into = folderWanted || matches.size() > 1;
      for (Sources.Match match : matches) {
        one = into || !isFile(context, match) ? one : ONE + "/" + match.name();
        copier.copy(context, match, one.isEmpty() ? INTO : one, one.isEmpty());
      }
    }
    if (found == 0 && !files.sources().isEmpty()) {
      throw new TreeException("no file fits " + String.join(" ", files.sources()));
    }
    for (Heredoc heredoc : files.heredocs()) {
      one = folderWanted ? "" : ONE + "/" + heredoc.name();
      copier.file(one.isEmpty() ? INTO + "/" + heredoc.name() : one, entry(heredoc, fileTime));
    }
    if (one.isEmpty()) {
      copier.makeFolders(INTO, fileTime);
      return INTO + "/";
    }
    return one;
  }

  private static boolean isFile(FileTree context, Sources.Match match) {
    FileEntry entry = context.get(match.path());
    return entry != null && !entry.isDirectory() && match.parents().isEmpty();
  }

  private FileEntry entry(Heredoc heredoc, long fileTime) throws DockerfileException {
    String text = heredoc.expand() ? expansion.text(heredoc.text(), line) : heredoc.text();
    return FileEntry.regular(text.getBytes(StandardCharsets.UTF_8), 0644, fileTime);
  }

  private List<String> expanded(List<String> words) throws DockerfileException {
    List<String> result = new ArrayList<>();
    for (String word : words) {
      result.add(expansion.word(word, line));
    }
    return result;
  }
}

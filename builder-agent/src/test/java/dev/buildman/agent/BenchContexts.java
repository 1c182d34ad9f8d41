package dev.buildman.agent;

import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What {@link EngineOverheadBench} builds.
 *
 * @param folder gets a folder for each
 * @param base the image that all of them are built on
 */
record BenchContexts(Path folder, String base) {
  /** Files of 256 KiB, and COPY and RUN instructions, of the build of an honest size. */
  private static final int FILES = 24;

  private static final int STEPS = 6;

  static final String BUSY_NAME = "busy";

  /** Rounds of a shell's loop, a second for each million or so. */
  private static final int BUSY = Integer.getInteger("buildman.bench.busy", 16) * 1_000_000;

  /** One file and three steps. */
  Path small() throws IOException {
    Path context = Files.createDirectory(folder.resolve("context"));
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM " + base + "\nCOPY f /f\nRUN echo made > /made\nRUN cat /made /f > /all\n");
    Files.writeString(context.resolve("f"), "f");
    return context;
  }

  /** Six MiB, and twelve steps that make layers of them. */
  Path large() throws IOException {
    Path context = Files.createDirectory(folder.resolve("large"));
    StringBuilder dockerfile = new StringBuilder("FROM " + base + "\n");
    Random random = new Random(2);
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[128 << 10];
      random.nextBytes(bytes);
      Files.writeString(context.resolve("f" + i), HexFormat.of().formatHex(bytes));
    }
    for (int i = 0; i < STEPS; i++) {
      dockerfile.append("COPY f%d f%d f%d /in%d/\n".formatted(i, i + STEPS, i + 2 * STEPS, i));
      dockerfile.append("RUN cat /in%d/* > /all%d\n".formatted(i, i));
    }
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return context;
  }

  static byte[] archive(Path context) throws IOException {
    List<Item> items = new ArrayList<>();
    try (Stream<Path> files = Files.list(context)) {
      for (Path file : files.sorted().toList()) {
        items.add(Item.file(file.getFileName().toString(), Files.readString(file)));
      }
    }
    return TestImages.gzip(TestImages.tar(items));
  }

  /** A command that works. */
  Path busy() throws IOException {
    Path context = Files.createDirectory(folder.resolve(BUSY_NAME));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM %s
        COPY f /f
        RUN i=0; while [ $i -lt %d ]; do i=$((i + 1)); done; echo $i > /made
        """
            .formatted(base, BUSY));
    Files.writeString(context.resolve("f"), "f");
    return context;
  }
}

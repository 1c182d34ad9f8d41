package dev.buildman.agent.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Takes the seals from a distribution's jars. With its start cache the JVM defines packages before
 * it reads manifests; where the distribution was moved and its first place is gone, as in an image,
 * a sealed one then ends the JVM at its start ("can't seal package: already defined").
 */
final class Unsealing {
  private Unsealing() {}

  static void unseal(Path distribution) throws IOException {
    try (Stream<Path> files = Files.list(distribution.resolve("lib"))) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
      for (Path jar : jars) {
        unsealJar(jar);
      }
    }
  }

  private static void unsealJar(Path jar) throws IOException {
    Path part = jar.resolveSibling(jar.getFileName() + ".part");
    FileTime time = Files.getLastModifiedTime(jar);
    try (JarFile sealed = new JarFile(jar.toFile())) {
      Manifest manifest = sealed.getManifest();
      if (manifest == null || manifest.getMainAttributes().remove(Attributes.Name.SEALED) == null) {
        return;
      }
      copy(sealed, manifest, part);
    }
    Files.move(part, jar, StandardCopyOption.REPLACE_EXISTING);
    // The same jar makes the same distribution.
    Files.setLastModifiedTime(jar, time);
  }

  private static void copy(JarFile sealed, Manifest manifest, Path part) throws IOException {
    try (OutputStream file = Files.newOutputStream(part);
        JarOutputStream out = new JarOutputStream(file)) {
      JarEntry first = new JarEntry(JarFile.MANIFEST_NAME);
      first.setLastModifiedTime(sealed.getEntry(JarFile.MANIFEST_NAME).getLastModifiedTime());
      out.putNextEntry(first);
      manifest.write(out);
      for (JarEntry entry : Collections.list(sealed.entries())) {
        if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
          continue;
        }
        JarEntry copied = new JarEntry(entry.getName());
        copied.setLastModifiedTime(entry.getLastModifiedTime());
        out.putNextEntry(copied);
        try (InputStream content = sealed.getInputStream(entry)) {
          content.transferTo(out);
        }
      }
    }
  }
}

package dev.buildman.agent.source;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The comment of a zip archive, if it is one that git writes: a commit and nothing else. */
final class ZipComment {
  private static final int END_RECORD = 22;
  private static final int[] LENGTHS = {40, 64};

  private ZipComment() {}

  /** Empty when there is none of that length. */
  static String of(Path zip) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(zip.toFile(), "r")) {
      for (int length : LENGTHS) {
        byte[] end = new byte[END_RECORD + length];
        if (file.length() >= end.length) {
          file.seek(file.length() - end.length);
          file.readFully(end);
          boolean found =
              end[0] == 'P' && end[1] == 'K' && end[2] == 5 && end[3] == 6 && end[20] == length;
          if (found && end[21] == 0) {
            return new String(end, END_RECORD, length, StandardCharsets.ISO_8859_1);
          }
        }
      }
      return "";
    }
  }
}

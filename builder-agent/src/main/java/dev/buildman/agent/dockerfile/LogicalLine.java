package dev.buildman.agent.dockerfile;

import java.util.List;

/**
 * One instruction as written: comments removed, continued lines joined.
 *
 * @param number its first line, from 1
 * @param end its last line, that of its last here-document included
 * @param text the joined text without surrounding blanks
 * @param heredocs what follows it as here-documents
 */
record LogicalLine(int number, int end, String text, List<Heredoc> heredocs) {}

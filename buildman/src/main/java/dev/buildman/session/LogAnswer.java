package dev.buildman.session;

/**
 * What an agent is told about its lines.
 *
 * @param success false: the session is over, the lines are not stored
 * @param sequence up to which lines are stored; without success the number of the last line sent
 */
public record LogAnswer(boolean success, long sequence) {}

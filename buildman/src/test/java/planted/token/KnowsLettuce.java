package planted.token;

final class KnowsLettuce {
  io.lettuce.core.RedisURI planted;
}

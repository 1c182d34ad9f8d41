package planted.model;

final class KnowsRedis {
  planted.redis.Connection planted;
}

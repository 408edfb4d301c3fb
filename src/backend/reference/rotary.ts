import { absent, type Kernel, read, write } from './view.ts'

/**
 * x [B, T, H, D], positions [T] or [B, T], factors? [D/2] → y: pair j (of D/2) turned by position·theta^(−2j/D)/factors[j]; backwards when
 * inverse. Pairs are (j, j + D/2), or (2j, 2j + 1) when interleaved. Source: Su 2021, §3.2.2.
 */
export const rotary: Kernel = ([x, positions, factors = absent], [y], attributes) => {
  const [theta, inverse, interleaved] = attributes as number[]
  const [B, T, H, D] = x.shape
  const values = read(x)
  const place = read(positions)
  const slower = factors === absent ? undefined : read(factors)
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      const position = place[positions.shape.length === 2 ? b * T + t : t]
      for (let h = 0; h < H; h++) {
        const head = values.subarray(((b * T + t) * H + h) * D, ((b * T + t) * H + h + 1) * D) // [D]
        for (let j = 0; j < D / 2; j++) {
          const [first, second] = interleaved ? [2 * j, 2 * j + 1] : [j, j + D / 2]
          const angle = ((position * theta ** ((-2 * j) / D)) / (slower?.[j] ?? 1)) * (inverse ? -1 : 1)
          const [u, v] = [head[first], head[second]]
          head[first] = u * Math.cos(angle) - v * Math.sin(angle)
          head[second] = u * Math.sin(angle) + v * Math.cos(angle)
        }
      }
    }
  }
  write(y, values)
}

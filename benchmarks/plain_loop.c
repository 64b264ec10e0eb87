/* The published experiment as one would write it in C: the yardstick of `benchmarks/ensemble.py`.

   n agents with standard normal opinions, quadratic performance, uniform influence, consensus before every move,
   open acceptance, from singletons.  Members of a coalition agree, so that an opinion and a size for each coalition
   are the whole state.  One slow step:

     1. the gain of joining b from a is (x_a - x_b)^2 (1 - H_{m+1}/(m+1)) with m the size of b; founding alone gains 0;
     2. the mover is uniform among the agents that have an admissible move, its target uniform among its admissible
        ones (founding alone counts as one);
     3. the target's opinion becomes the mean.

   A run ends at equilibrium or after max_steps.  Random numbers: xoshiro256++ seeded by SplitMix64, Box-Muller. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static const double TOLERANCE = 1e-13;
static const double TWO_PI = 6.283185307179586;

typedef struct {
    uint64_t s[4];
} stream;

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = *x += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline double uniform(stream *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0], shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return (double)(result >> 11) * 0x1p-53;
}

static inline int64_t below(stream *r, int64_t count) { return (int64_t)(uniform(r) * (double)count); }

static void normals(stream *r, double *out, int64_t n) {
    for (int64_t i = 0; i < n; i += 2) {
        double radius = sqrt(-2.0 * log(1.0 - uniform(r))), angle = TWO_PI * uniform(r);
        out[i] = radius * cos(angle);
        if (i + 1 < n) out[i + 1] = radius * sin(angle);
    }
}

/* Simulate `runs` runs; write the number of moves, of coalitions, and the spread at the end of each.  Return 0, or 1
   if there is no memory. */
int simulate(int64_t runs, int64_t n, double cost, int64_t max_steps, uint64_t seed, int64_t *moves, int64_t *coalitions,
             double *spread) {
    double *opinion = malloc((n + 1) * sizeof *opinion);   /* of a coalition */
    double *weight = malloc((n + 1) * sizeof *weight);     /* factor of the squared gap in the gain of joining it */
    int64_t *size = malloc((n + 1) * sizeof *size);        /* of a coalition */
    int64_t *targets = malloc((n + 1) * sizeof *targets);  /* number of admissible moves of its members */
    int64_t *label = malloc(n * sizeof *label);            /* coalition of an agent */
    int64_t *movers = malloc(n * sizeof *movers);          /* agents that have an admissible move */
    double *factor = malloc((n + 1) * sizeof *factor);     /* 1 - H_{m+1}/(m+1) for m = 0..n */
    int failed = !opinion || !weight || !size || !targets || !label || !movers || !factor;
    double bound = cost + TOLERANCE, harmonic = 0.0;
    int founding = 0.0 > bound;  /* founding alone gains 0 */

    for (int64_t m = 0; m <= n && !failed; m++) {
        harmonic += 1.0 / (double)(m + 1);
        factor[m] = 1.0 - harmonic / (double)(m + 1);
    }
    for (int64_t run = 0; run < runs && !failed; run++) {
        stream r;
        uint64_t key = seed ^ ((uint64_t)run * 0xD1B54A32D192ED03u);
        for (int i = 0; i < 4; i++) r.s[i] = splitmix(&key);
        normals(&r, opinion, n);
        for (int64_t i = 0; i < n; i++) {
            label[i] = i;
            size[i] = 1;
            weight[i] = factor[1];
        }
        int64_t K = n, step;
        for (step = 0; step < max_steps; step++) {
            for (int64_t a = 0; a < K; a++) {
                int64_t count = 0;
                for (int64_t b = 0; b < K; b++) {
                    double gap = opinion[a] - opinion[b];
                    if (b != a && gap * gap * weight[b] > bound) count++;
                }
                targets[a] = count + (founding && size[a] > 1);
            }
            int64_t n_movers = 0;
            for (int64_t i = 0; i < n; i++)
                if (targets[label[i]] > 0) movers[n_movers++] = i;
            if (n_movers == 0) break;

            int64_t mover = movers[below(&r, n_movers)], source = label[mover];
            int64_t choice = below(&r, targets[source]), target = K;  /* K: alone, the last of the choices */
            for (int64_t b = 0; b < K; b++) {
                double gap = opinion[source] - opinion[b];
                if (b != source && gap * gap * weight[b] > bound && choice-- == 0) {
                    target = b;
                    break;
                }
            }

            if (target == K) {
                size[K] = 0;
                opinion[K] = 0.0;
                K++;
            }
            label[mover] = target;
            size[target]++;
            opinion[target] += (opinion[source] - opinion[target]) / (double)size[target];
            weight[target] = factor[size[target]];
            size[source]--;
            weight[source] = factor[size[source]];
            if (size[source] == 0) {  /* the last coalition takes the empty place */
                K--;
                opinion[source] = opinion[K];
                size[source] = size[K];
                weight[source] = weight[K];
                for (int64_t i = 0; i < n; i++)
                    if (label[i] == K) label[i] = source;
            }
        }
        double least = opinion[0], greatest = opinion[0];
        for (int64_t a = 1; a < K; a++) {
            least = fmin(least, opinion[a]);
            greatest = fmax(greatest, opinion[a]);
        }
        moves[run] = step;
        coalitions[run] = K;
        spread[run] = greatest - least;
    }
    free(opinion);
    free(weight);
    free(size);
    free(targets);
    free(label);
    free(movers);
    free(factor);
    return failed;
}

/* Every coalition structure looked at by itself, as one would write it in C: the yardstick of `benchmarks/equilibria.py`.

   The payoff P[S*n + i] of agent i in coalition S, a bit mask, is given.  Agents take their places one after the other,
   each in one of the coalitions that there are or in a new one, so that every partition comes once.  For each:

     1. the gain of agent i of C is P[D+i][i] - P[C][i] from joining a coalition D, and P[{i}][i] - P[C][i] alone;
     2. the largest gain is the critical cost: the structure is stable at the costs that are not below it;
     3. its surplus is the sum of what all are paid. */

#include <math.h>
#include <stdint.h>

typedef struct {
    int64_t n, n_costs;
    const double *payoffs, *costs;
    int64_t *stable;           /* number of structures stable at each cost */
    double *most, *least;      /* and their largest and smallest surplus */
    double least_critical;     /* the smallest critical cost of all */
    uint64_t blocks[64];       /* the coalitions so far */
    int64_t label[64];         /* that of each agent */
} search;

static void evaluate(search *s, int64_t n_blocks) {
    int64_t n = s->n;
    double critical = -INFINITY, surplus = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const double *paid = s->payoffs + i;
        uint64_t own = s->blocks[s->label[i]], agent = (uint64_t)1 << i;
        double here = paid[own * n], best = own == agent ? -INFINITY : paid[agent * n];
        for (int64_t b = 0; b < n_blocks; b++)
            if (b != s->label[i]) {
                double there = paid[(s->blocks[b] | agent) * n];
                if (there > best) best = there;
            }
        if (best - here > critical) critical = best - here;
        surplus += here;
    }
    if (critical < s->least_critical) s->least_critical = critical;
    for (int64_t k = 0; k < s->n_costs; k++)
        if (critical <= s->costs[k]) {
            s->stable[k]++;
            if (surplus > s->most[k]) s->most[k] = surplus;
            if (surplus < s->least[k]) s->least[k] = surplus;
        }
}

static void place(search *s, int64_t i, int64_t n_blocks) {
    if (i == s->n) {
        evaluate(s, n_blocks);
        return;
    }
    uint64_t agent = (uint64_t)1 << i;
    s->blocks[n_blocks] = 0;
    for (int64_t b = 0; b <= n_blocks; b++) {
        s->blocks[b] |= agent;
        s->label[i] = b;
        place(s, i + 1, n_blocks + (b == n_blocks));
        s->blocks[b] &= ~agent;
    }
}

/* Visit all partitions of n ≤ 63 agents; write how many are stable at each cost, their largest surplus (-inf without
   any) and their smallest (inf without any).  Return the least critical cost. */
double every_structure(int64_t n, const double *payoffs, int64_t n_costs, const double *costs, int64_t *stable,
                       double *most, double *least) {
    search s = {.n = n, .n_costs = n_costs, .payoffs = payoffs, .costs = costs, .stable = stable, .most = most,
                .least = least, .least_critical = INFINITY};
    for (int64_t k = 0; k < n_costs; k++) {
        stable[k] = 0;
        most[k] = -INFINITY;
        least[k] = INFINITY;
    }
    place(&s, 0, 0);
    return s.least_critical;
}

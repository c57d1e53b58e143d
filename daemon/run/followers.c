/* SPDX-License-Identifier: MPL-2.0 */
/* See followers.h. */
#include "run/followers.h"

#include "run/efforts.h"
#include "run/level_follow.h"
#include "run/period_follow.h"
#include "run/rate_follow.h"
#include "run/target_follow.h"

size_t followers_list(struct effortd *d, struct follower *ret)
{
	size_t n = 0;

	ret[n++] = (struct follower){ "targets", target_follow_want, NULL, target_follow_see, NULL };
	ret[n++] = (struct follower){ "efforts", efforts_want, NULL, efforts_see, d };
	ret[n++] = (struct follower){ "measures", rate_follow_want, NULL, rate_follow_see, NULL };
	ret[n++] = (struct follower){ "periods", period_follow_want, period_follow_choose, period_follow_see, NULL };
	ret[n++] = (struct follower){ "levels", level_follow_want, NULL, level_follow_see, &d->core };
	return n;
}

//! Where a holder is: trips, day trips, and how fast anybody can be somewhere else.
//!
//! Invariant: two purchases in a row with the card present and more than 50 km apart never imply more than 900 km/h,
//! with room to spare for a purchase that is tried again within two minutes.

use crate::behavior::arrivals::{Errand, Visit};
use crate::dist;
use crate::event_time::{MS_PER_DAY, MS_PER_HOUR};
use crate::fields::geo::{Point, map_units_squared};
use crate::index::CityIdx;
use crate::numeric::round_half_up;
use crate::population::card::{Card, Habits};
use crate::seed::{Purpose, Stream};
use crate::tables::Reach;
use crate::world::World;

/// Trips that start per day at home, before the holder's affinity.
const TRIPS_PER_DAY: f64 = 0.012;

/// Share of trips that go abroad.
const ABROAD_SHARE: f64 = 0.22;

/// Days at the destination: the least, and the mean of what comes on top.
const MIN_STAY_DAYS: f64 = 1.0;
const MORE_STAY_DAYS: f64 = 3.0;

/// From this distance on people fly.
const FLIGHT_KM: f64 = 350.0;

/// Hours that a way takes at least, and kilometers per hour: by road, by air.
const ROAD_TRIP: (f64, f64) = (1.0, 90.0);
const AIR_TRIP: (f64, f64) = (3.0, 600.0);

/// Share of outings from home that lead to another city for the day: for travel categories, and for all others.
const DAY_TRIP_TRAVEL_SHARE: f64 = 0.60;
const DAY_TRIP_SHARE: f64 = 0.10;

/// Distances that raise no question, and the fastest plausible ways beyond, in kilometers per hour.
const FREE_KM: f64 = 15.0;
const ROAD_KMH: f64 = 70.0;
const AIR_KMH: f64 = 600.0;

/// Hours after which any place in the same city is within reach.
const CITY_HOURS: f64 = 2.0;

/// A stay elsewhere; times in milliseconds from the start of the span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trip {
    leaves_at: i64,
    arrives_at: i64,
    departs_at: i64,
    returns_at: i64,
    city: CityIdx,
}

/// Lays out the trips of a card in time order, replacing what is in `trips`.
pub(crate) fn lay_out_trips(world: &World, card: &Card, habits: &Habits, trips: &mut Vec<Trip>) {
    trips.clear();
    let mut stream = card.stream(Purpose::Trips);
    let mean_days_at_home = 1.0 / (TRIPS_PER_DAY * habits.travel_affinity);
    let days = |days: f64| round_half_up(days * MS_PER_DAY as f64);
    let mut at_ms = 0;
    loop {
        let leaves_at = at_ms + days(dist::exponential(&mut stream, mean_days_at_home));
        if leaves_at >= world.span.length_ms() {
            return;
        }
        let goes_abroad = dist::chance(&mut stream, ABROAD_SHARE);
        let domestic = world.atlas.getaway(card.country, card.city, &mut stream);
        let abroad = world.atlas.city_abroad(card.country, &mut stream);
        let destination = if goes_abroad {
            abroad.or(domestic)
        } else {
            domestic.or(abroad)
        };
        let Some(city) = destination else {
            return;
        };
        let km = world.atlas.distance_km(card.city, city);
        let (least_hours, kmh) = if km < FLIGHT_KM { ROAD_TRIP } else { AIR_TRIP };
        let way = round_half_up((least_hours + km / kmh) * MS_PER_HOUR as f64);
        let stay = days(MIN_STAY_DAYS + dist::exponential(&mut stream, MORE_STAY_DAYS));
        let trip = Trip {
            leaves_at,
            arrives_at: leaves_at + way,
            departs_at: leaves_at + way + stay,
            returns_at: leaves_at + 2 * way + stay,
            city,
        };
        at_ms = trip.returns_at;
        trips.push(trip);
    }
}

/// Where a holder is at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    Home,
    Away(CityIdx),
    OnTheWay,
}

/// Follows a holder through time; asked for instants that never go back.
#[derive(Debug)]
pub(crate) struct Traveler<'w> {
    world: &'w World,
    card: &'w Card,
    trips: &'w [Trip],
    stream: Stream,
    /// Where the current outing leads.
    outing: Option<(Errand, CityIdx)>,
    /// The last purchase with the card present.
    last: Option<Stop>,
}

/// A purchase with the card present.
#[derive(Debug, Clone, Copy)]
struct Stop {
    at_ms: u64,
    city: CityIdx,
    point: Point,
}

impl<'w> Traveler<'w> {
    pub(crate) fn new(world: &'w World, card: &'w Card, trips: &'w [Trip]) -> Self {
        Self {
            world,
            card,
            trips,
            stream: card.stream(Purpose::DayTrips),
            outing: None,
            last: None,
        }
    }

    /// Tells where the holder is.
    pub(crate) fn whereabouts(&mut self, at_ms: u64) -> Whereabouts {
        let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
        while let [trip, later @ ..] = self.trips
            && trip.returns_at <= at_ms
        {
            self.trips = later;
        }
        match self.trips {
            [trip, ..] if (trip.arrives_at..trip.departs_at).contains(&at_ms) => {
                Whereabouts::Away(trip.city)
            }
            [trip, ..] if trip.leaves_at <= at_ms => Whereabouts::OnTheWay,
            _ => Whereabouts::Home,
        }
    }

    /// Tells in which city a visit takes place; nothing while the holder is on the way.
    pub(crate) fn city_of(&mut self, visit: &Visit) -> Option<CityIdx> {
        match self.whereabouts(visit.at_ms) {
            Whereabouts::OnTheWay => None,
            Whereabouts::Away(city) => Some(city),
            Whereabouts::Home => Some(self.city_of_outing(visit)),
        }
    }

    fn city_of_outing(&mut self, visit: &Visit) -> CityIdx {
        if let Some((errand, city)) = self.outing
            && errand == visit.errand
        {
            return city;
        }
        let share = match self.world.mcc(visit.mcc).reach {
            Reach::Travel => DAY_TRIP_TRAVEL_SHARE,
            _ => DAY_TRIP_SHARE,
        };
        let (country, home) = (self.card.country, self.card.city);
        let away = dist::chance(&mut self.stream, share);
        let destination = self.world.atlas.day_trip(country, home, &mut self.stream);
        let city = destination.filter(|_| away).unwrap_or(home);
        self.outing = Some((visit.errand, city));
        city
    }

    /// Gives the city of the last purchase with the card present.
    pub(crate) fn last_city(&self) -> Option<CityIdx> {
        self.last.map(|stop| stop.city)
    }

    /// Tells whether the holder can be at a place by then.
    pub(crate) fn can_reach(&self, at_ms: u64, city: CityIdx, point: Point) -> bool {
        let Some(last) = self.last else {
            return true;
        };
        let hours = at_ms.abs_diff(last.at_ms) as f64 / MS_PER_HOUR as f64;
        if last.city == city {
            if hours >= CITY_HOURS {
                return true;
            }
            let reach = map_units_squared((ROAD_KMH * hours).max(FREE_KM));
            let cosine = self.world.city(city).lat_cosine;
            return last.point.map_distance_squared(point, cosine) <= reach;
        }
        let km = last.point.distance_km(point);
        let kmh = if km < FLIGHT_KM { ROAD_KMH } else { AIR_KMH };
        km <= FREE_KM || km <= kmh * hours
    }

    /// Notes a purchase with the card present.
    pub(crate) fn stop(&mut self, at_ms: u64, city: CityIdx, point: Point) {
        self.last = Some(Stop { at_ms, city, point });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_time::EventTime;
    use crate::index::{CardIdx, MccIdx};
    use crate::seed::Seed;
    use crate::world::Span;

    const DAYS: u32 = 200;

    fn world() -> World {
        let start = EventTime::DEFAULT_START;
        World::build(Seed(41), Span { start, days: DAYS }, 100).unwrap()
    }

    #[test]
    fn holders_go_away_and_come_back() {
        let world = world();
        let mut trips = Vec::new();
        let mut days_away = 0.0;
        for idx in 0..400 {
            let card = Card::draw(&world, CardIdx(idx));
            let habits = Habits::draw(&world, &card);
            lay_out_trips(&world, &card, &habits, &mut trips);
            let mut traveler = Traveler::new(&world, &card, &trips);
            for trip in &trips {
                let mut at = |at_ms: i64| traveler.whereabouts(at_ms.unsigned_abs());
                assert_eq!(at(trip.leaves_at - 1), Whereabouts::Home);
                assert_eq!(at(trip.leaves_at), Whereabouts::OnTheWay);
                assert_eq!(at(trip.arrives_at), Whereabouts::Away(trip.city));
                assert_eq!(at(trip.departs_at), Whereabouts::OnTheWay);
                let way_hours = (trip.arrives_at - trip.leaves_at) as f64 / MS_PER_HOUR as f64;
                let km = world.atlas.distance_km(card.city, trip.city);
                assert!(
                    km / way_hours < 600.0 && way_hours >= 1.0,
                    "{km} km, {way_hours} h"
                );
                days_away += (trip.departs_at - trip.arrives_at) as f64 / MS_PER_DAY as f64;
            }
        }
        let share = days_away / 400.0 / f64::from(DAYS);
        assert!((0.02..0.08).contains(&share), "{share}");
    }

    #[test]
    fn speed_decides_what_is_within_reach() {
        let world = world();
        let card = Card::draw(&world, CardIdx(0));
        let mut traveler = Traveler::new(&world, &card, &[]);
        let city = card.city;
        let center = world.city(city).center;
        assert!(traveler.can_reach(0, city, center), "nothing is known yet");
        traveler.stop(0, city, center);
        let other_city = CityIdx::at((city.get() + 1) % world.cities.len());
        let minutes = |minutes: u64| minutes * 60_000;
        let rows = [
            (city, 14.0, 0, true),
            (city, 20.0, 10, false),
            (city, 20.0, 18, true),
            (city, 30.0, 121, true),
            (other_city, 14.0, 0, true),
            (other_city, 100.0, 60, false),
            (other_city, 100.0, 90, true),
            (other_city, 900.0, 60, false),
            (other_city, 900.0, 95, true),
        ];
        for (to, km, after_minutes, expected) in rows {
            let point = center.offset_km(km, 0.0);
            let found = traveler.can_reach(minutes(after_minutes), to, point);
            assert_eq!(found, expected, "{km} km in {after_minutes} min");
        }
    }

    #[test]
    fn an_outing_stays_in_one_city_and_starts_at_home_as_a_rule() {
        let world = world();
        let (mut at_home, mut count) = (0, 0);
        for idx in 0..200 {
            let card = Card::draw(&world, CardIdx(idx));
            let mut traveler = Traveler::new(&world, &card, &[]);
            for outing in 0..5 {
                let visit = |mcc| Visit {
                    at_ms: 0,
                    mcc: MccIdx(mcc),
                    channel: crate::behavior::arrivals::Channel::Present,
                    errand: Errand::Outing(outing),
                };
                let city = traveler.city_of(&visit(0)).unwrap();
                assert_eq!(traveler.city_of(&visit(1)), Some(city));
                at_home += u32::from(city == card.city);
                count += 1;
            }
        }
        let share = f64::from(at_home) / f64::from(count);
        assert!((0.87..0.98).contains(&share), "{share}");
    }
}

//! Places on the globe.
//!
//! Coordinates are integers, so they print and compare the same everywhere; angles exist only between a draw and its
//! rounding, and distances only to be compared.

use crate::numeric::round_half_up;

/// Mean radius of the Earth (IUGG).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// Kilometers per degree of latitude.
const KM_PER_DEGREE: f64 = EARTH_RADIUS_KM * RADIANS_PER_DEGREE;

const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;

/// Units of a coordinate per degree.
const UNITS_PER_DEGREE: f64 = 10_000.0;

/// A place.
///
/// Units: ten-thousandths of a degree, north and east positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Latitude.
    pub lat: i32,
    /// Longitude.
    pub lon: i32,
}

impl Point {
    /// Rounds degrees to a place; what lies beyond a pole or the date line is pulled back to it.
    pub(crate) fn from_degrees(lat: f64, lon: f64) -> Self {
        let unit = |degrees: f64, limit: f64| {
            let units = round_half_up(degrees.clamp(-limit, limit) * UNITS_PER_DEGREE);
            i32::try_from(units).unwrap_or_default()
        };
        Self {
            lat: unit(lat, 90.0),
            lon: unit(lon, 180.0),
        }
    }

    /// Gives the place so many kilometers to the north and to the east, on a locally flat Earth.
    pub(crate) fn offset_km(self, north: f64, east: f64) -> Self {
        let (lat, lon) = self.degrees();
        Self::from_degrees(
            lat + north / KM_PER_DEGREE,
            lon + east / (KM_PER_DEGREE * self.lat_cosine()),
        )
    }

    /// Gives the distance along the great circle.
    ///
    /// Source: haversine formula, Sinnott, Sky and Telescope 68 (1984).
    pub fn distance_km(self, other: Self) -> f64 {
        let (lat, lon) = self.radians();
        let (other_lat, other_lon) = other.radians();
        let half_sine_squared = |angle: f64| {
            let sine = libm::sin(angle / 2.0);
            sine * sine
        };
        let chord = half_sine_squared(lat - other_lat)
            + libm::cos(lat) * libm::cos(other_lat) * half_sine_squared(lon - other_lon);
        2.0 * EARTH_RADIUS_KM * libm::asin(chord.min(1.0).sqrt())
    }

    /// Gives how much shorter a degree of longitude is here than one of latitude.
    pub(crate) fn lat_cosine(self) -> f64 {
        libm::cos(self.radians().0)
    }

    /// Gives the squared distance on a map that is true at the latitude of the given cosine; good for comparing
    /// places within a city.
    ///
    /// Units: square ten-thousandths of a degree.
    pub(crate) fn map_distance_squared(self, other: Self, lat_cosine: f64) -> f64 {
        let north = f64::from(self.lat - other.lat);
        let east = f64::from(self.lon - other.lon) * lat_cosine;
        north * north + east * east
    }

    fn degrees(self) -> (f64, f64) {
        (
            f64::from(self.lat) / UNITS_PER_DEGREE,
            f64::from(self.lon) / UNITS_PER_DEGREE,
        )
    }

    fn radians(self) -> (f64, f64) {
        let (lat, lon) = self.degrees();
        (lat * RADIANS_PER_DEGREE, lon * RADIANS_PER_DEGREE)
    }
}

/// Converts kilometers to the units of [`Point::map_distance_squared`], squared.
pub(crate) const fn map_units_squared(km: f64) -> f64 {
    let units = km / KM_PER_DEGREE * UNITS_PER_DEGREE;
    units * units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_match_known_ones() {
        let rows = [
            ((51.5, -0.12), (48.86, 2.35), 343.0, 3.0),
            ((40.7, -74.0), (34.05, -118.25), 3_935.0, 10.0),
            ((0.0, 179.5), (0.0, -179.5), 111.2, 0.1),
            ((10.0, 10.0), (10.0, 10.0), 0.0, 0.0),
        ];
        for ((lat, lon), (other_lat, other_lon), expected, tolerance) in rows {
            let from = Point::from_degrees(lat, lon);
            let to = Point::from_degrees(other_lat, other_lon);
            let found = from.distance_km(to);
            assert!((found - expected).abs() <= tolerance, "{found} {expected}");
            assert!((found - to.distance_km(from)).abs() < 1e-9);
        }
    }

    #[test]
    fn offsets_lead_as_far_as_they_say() {
        let start = Point::from_degrees(52.0, 13.0);
        for (north, east) in [(10.0, 0.0), (0.0, 10.0), (-6.0, 8.0)] {
            let found = start.distance_km(start.offset_km(north, east));
            assert!((found - 10.0).abs() < 0.02, "{north} {east}: {found}");
            let squared =
                start.map_distance_squared(start.offset_km(north, east), start.lat_cosine());
            let ratio = squared / map_units_squared(10.0);
            assert!((ratio - 1.0).abs() < 0.01, "{north} {east}: {ratio}");
        }
    }

    #[test]
    fn places_stay_on_the_globe() {
        let corner = Point::from_degrees(95.0, 200.0);
        assert_eq!((corner.lat, corner.lon), (900_000, 1_800_000));
    }
}
